-- Keys whose lease is over by the database's clock.
SELECT r.task_id
  FROM running r
 WHERE r.worker IS NOT NULL AND r.lease_until <= clock_timestamp()
 ORDER BY r.tax_id
 LIMIT $1
   FOR NO KEY UPDATE SKIP LOCKED
