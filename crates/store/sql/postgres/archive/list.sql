-- A page, newest first, by the index of (enqueued_at, task_id).
SELECT t.task_id, t.batch_id, t.kind, t.tax_no, t.bureau, t.account, t.tax_period, t.state,
       t.shown_state, t.reason, t.retry_of, t.attempts, t.invoices_total, t.invoices_succeeded,
       t.enqueued_at, t.started_at, t.finished_at, t.submitted_by, t.unknown
  FROM task_log t
 WHERE ($12::timestamptz IS NULL OR (t.enqueued_at, t.task_id) < ($12, $13::uuid))
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
 ORDER BY t.enqueued_at DESC, t.task_id DESC
 LIMIT $14
