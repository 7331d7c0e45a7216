SELECT p.task_id
  FROM parked p
 WHERE p.until <= ?1
 ORDER BY p.until
 LIMIT ?2
