-- A page of the ledger: the newest task first, inside a task the greatest number first.
SELECT l.task_id, t.kind, t.tax_no, t.batch_id, t.enqueued_at, l.at, l.invoice_no, l.invoice_code,
       l.outcome, l.reason
  FROM task_log t
  JOIN ledger l ON l.task_id = t.task_id
 WHERE ($1::text IS NULL OR t.tax_no = $1)
   AND ($2::uuid IS NULL OR (t.task_id = $2 AND l.task_id = $2))
   AND ($3::text IS NULL OR t.batch_id = $3)
   AND ($4::text[] IS NULL OR t.kind = ANY ($4))
   AND ($5::text[] IS NULL OR l.outcome = ANY ($5))
   AND ($6::text IS NULL OR l.invoice_no = $6)
   AND ($7::timestamptz IS NULL OR t.enqueued_at >= $7)
   AND ($8::timestamptz IS NULL OR t.enqueued_at < $8)
   AND ($9::text[] IS NULL OR t.submitted_by = $10
        OR EXISTS (SELECT 1 FROM taxpayer p
                    WHERE p.tax_no = t.tax_no AND p.tax_org = ANY ($9)))
   AND ($11::timestamptz IS NULL OR (t.enqueued_at, t.task_id) <= ($11, $12::uuid))
   AND ($11::timestamptz IS NULL
        OR (t.enqueued_at, t.task_id, l.invoice_no COLLATE "C", l.invoice_code COLLATE "C")
           < ($11, $12::uuid, $13::text, $14::text))
 ORDER BY t.enqueued_at DESC, t.task_id DESC, l.invoice_no COLLATE "C" DESC,
          l.invoice_code COLLATE "C" DESC
 LIMIT $15
