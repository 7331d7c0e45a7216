-- Nobody asks, and the time is over: asked about since so long ago, or parked with something sent
-- and nobody has logged in.
SELECT r.task_id
  FROM running r
 WHERE r.worker IS NULL AND r.asked_since <= ?1
UNION
SELECT r.task_id
  FROM running r
 WHERE r.worker IS NULL AND r.parked_until <= ?2
 LIMIT ?3
