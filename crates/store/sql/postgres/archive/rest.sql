-- What else is known of a task: its body, its retry, the lane it is parked in.
SELECT b.body, r.retry_task_id, l.bureau, l.account
  FROM task_body b
  LEFT JOIN retry r ON r.failed_task_id = b.task_id
  LEFT JOIN parked p ON p.task_id = b.task_id
  LEFT JOIN running k ON k.task_id = b.task_id AND k.worker IS NULL AND k.parked_epoch IS NOT NULL
  LEFT JOIN lane l ON l.id = coalesce(p.lane_id, k.lane_id)
 WHERE b.task_id = $1
