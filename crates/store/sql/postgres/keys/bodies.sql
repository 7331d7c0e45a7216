SELECT b.task_id, b.body, t.rescues
  FROM task_body b
  JOIN task_log t ON t.task_id = b.task_id
 WHERE b.task_id = ANY ($1::uuid[])
