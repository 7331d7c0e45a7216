-- Alone in its transaction: it waits while nobody can wait for it.
UPDATE running r
   SET lease_until = clock_timestamp() + make_interval(secs => $2)
 WHERE r.task_id = $3 AND r.fence = $4 AND r.worker = $1
