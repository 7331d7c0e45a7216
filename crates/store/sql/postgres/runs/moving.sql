-- Parts whose task has ended, or is not in the log; those that were changed longest ago first.
SELECT r.head, m.part, m.task_id, l.state, l.reason
  FROM run_part m
  JOIN run r ON r.run_id = m.run_id
  LEFT JOIN task_log l ON l.task_id = m.task_id
 WHERE m.task_id IS NOT NULL
   AND ($1::text IS NULL OR m.run_id = $1)
   AND (l.task_id IS NULL OR l.finished_at IS NOT NULL)
 ORDER BY m.changed_at, m.run_id, m.tax_no
 LIMIT $2
