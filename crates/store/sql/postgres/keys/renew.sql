-- Only what is asked for is renewed: a claim whose answer was lost runs out by itself.
-- A row that somebody is at is skipped, for whoever is at it may wait for one that is renewed
-- here: a turn that has locked what it settles then claims, and a claim waits for a row of its tax
-- number or slot that is being written (ON CONFLICT). keys/renew_one waits for those, one by one.
UPDATE running r
   SET lease_until = clock_timestamp() + make_interval(secs => $2)
  FROM (SELECT k.task_id
          FROM unnest($3::uuid[], $4::bigint[]) u(task_id, fence)
          JOIN running k ON k.task_id = u.task_id AND k.fence = u.fence AND k.worker = $1
         ORDER BY k.tax_id
           FOR NO KEY UPDATE OF k SKIP LOCKED) i
 WHERE r.task_id = i.task_id
RETURNING r.task_id, r.fence
