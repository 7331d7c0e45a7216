-- Asked about since so long ago, and nobody asks now.
SELECT r.task_id
  FROM running r
 WHERE r.worker IS NULL AND r.asked_since <= ?1
 ORDER BY r.asked_since
 LIMIT ?2
