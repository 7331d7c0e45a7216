-- What ended so long ago. Whatever ended by then was logged by then: oldest first along the index,
-- over the few that are not finished.
SELECT t.task_id
  FROM task_log t
 WHERE t.enqueued_at <= ?1 AND t.finished_at <= ?1
 ORDER BY t.enqueued_at, t.task_id
 LIMIT ?2
