-- Asked about for too long, or parked with something sent beyond the deadline; nobody asks now.
SELECT r.task_id
  FROM running r
 WHERE r.worker IS NULL
   AND (r.asked_since <= clock_timestamp() - make_interval(secs => $1)
        OR (r.ask_at IS NULL AND r.parked_until <= clock_timestamp()))
 ORDER BY r.tax_id
 LIMIT $2
   FOR NO KEY UPDATE SKIP LOCKED
