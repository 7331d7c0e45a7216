-- What these tasks hold, locked in tax number order, with what their log row says.
SELECT r.task_id, r.tax_id, r.lane_id, r.n, r.class, r.place, r.fence, r.worker,
       t.kind, t.tax_no, t.bureau, t.batch_id, t.retry_of, t.traceparent, t.channel,
       t.state, t.accepted, t.events, t.enqueued_at
  FROM unnest($1::uuid[]) i(task_id)
  JOIN running r ON r.task_id = i.task_id
  JOIN task_log t ON t.task_id = r.task_id
 ORDER BY r.tax_id
   FOR NO KEY UPDATE OF r
