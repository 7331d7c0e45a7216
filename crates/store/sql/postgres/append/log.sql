-- The log's rows, in key order, so that two appends of the same ids wait instead of deadlocking.
-- Fewer rows than asked: somebody logged the id meanwhile.
-- append/announce comes first: a claim must know of us from before `at` until we are committed.
INSERT INTO task_log
       (task_id, batch_id, kind, class, tax_no, tax_id, bureau, account, channel, tax_period,
        state, shown_state, reason, retry_of, invoices_total, invoices_succeeded,
        enqueued_at, finished_at, submitted_by, events, body_hash, traceparent)
SELECT i.task_id, i.batch_id, i.kind, i.class, i.tax_no, i.tax_id, i.bureau, i.account, i.channel,
       i.tax_period, i.state, i.shown_state, i.reason, i.retry_of, i.invoices_total,
       i.invoices_succeeded, t.at, CASE WHEN i.ended THEN t.at END, i.submitted_by,
       CASE WHEN i.ended THEN 1 ELSE 0 END, i.body_hash, i.traceparent
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[],
              $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[],
              $14::uuid[], $15::int[], $16::int[], $17::bool[], $18::text[], $19::bytea[],
              $20::text[])
       i(task_id, batch_id, kind, class, tax_no, tax_id, bureau, account, channel, tax_period,
         state, shown_state, reason, retry_of, invoices_total, invoices_succeeded, ended,
         submitted_by, body_hash, traceparent)
 CROSS JOIN (SELECT clock_timestamp() AS at) t
 ORDER BY i.task_id
    ON CONFLICT DO NOTHING
RETURNING task_id, enqueued_at
