SELECT b.task_id, b.body, t.rescues, r.quiet_until
  FROM task_body b
  JOIN task_log t ON t.task_id = b.task_id
  LEFT JOIN running r ON r.task_id = b.task_id
 WHERE b.task_id = ANY ($1::uuid[])
