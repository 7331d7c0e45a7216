-- Keys whose lease is over.
SELECT r.task_id
  FROM running r
 WHERE r.worker IS NOT NULL AND r.lease_until <= ?1
 ORDER BY r.lease_until
 LIMIT ?2
