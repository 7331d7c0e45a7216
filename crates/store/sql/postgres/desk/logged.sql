-- Log rows of tasks that end without keys.
SELECT t.task_id, t.tax_id, t.kind, t.tax_no, t.bureau, t.batch_id, t.retry_of, t.traceparent,
       t.channel, t.state, t.accepted, t.events, b.body
  FROM unnest($1::uuid[]) i(task_id)
  JOIN task_log t ON t.task_id = i.task_id
  JOIN task_body b ON b.task_id = i.task_id
