SELECT t.state, count(*) AS tasks
  FROM task_log t
 WHERE true
   AND ($1::text[] IS NULL OR t.state = ANY ($1))
   AND ($2::text[] IS NULL OR t.shown_state = ANY ($2))
   AND ($3::text[] IS NULL OR t.kind = ANY ($3))
   AND ($4::text IS NULL OR t.tax_no = $4)
   AND ($5::text IS NULL OR t.bureau = $5)
   AND ($6::text IS NULL OR t.account = $6)
   AND ($7::text IS NULL OR t.batch_id = $7)
   AND ($8::timestamptz IS NULL OR t.enqueued_at >= $8)
   AND ($9::timestamptz IS NULL OR t.enqueued_at < $9)
   AND ($10::text[] IS NULL OR t.submitted_by = $11
        OR EXISTS (SELECT 1 FROM taxpayer p
                    WHERE p.tax_no = t.tax_no AND p.tax_org = ANY ($10)))
 GROUP BY t.state
