INSERT INTO task_body (task_id, body)
SELECT i.task_id, i.body
  FROM unnest($1::uuid[], $2::text[]) i(task_id, body)
