-- What the log knows of these ids: tasks to be logged, and tasks that they try again.
SELECT t.task_id, t.body_hash, t.enqueued_at, t.state, t.unknown, w.lane_id, w.tax_id,
       r.retry_task_id
  FROM json_each(?1) i
 CROSS JOIN task_log t ON t.task_id = unhex(i.value)
  LEFT JOIN waiting w ON w.task_id = t.task_id AND w.run_at IS NULL
  LEFT JOIN retry r ON r.failed_task_id = t.task_id
