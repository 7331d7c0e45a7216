SELECT w.task_id
  FROM waiting w
 WHERE w.run_at IS NOT NULL AND w.run_at <= ?1
 ORDER BY w.run_at
 LIMIT ?2
