-- Only what is asked for is renewed: a claim whose answer was lost runs out by itself.
UPDATE running r
   SET lease_until = clock_timestamp() + make_interval(secs => $2)
  FROM (SELECT k.task_id
          FROM unnest($3::uuid[], $4::bigint[]) u(task_id, fence)
          JOIN running k ON k.task_id = u.task_id AND k.fence = u.fence AND k.worker = $1
         ORDER BY k.tax_id
           FOR NO KEY UPDATE OF k) i
 WHERE r.task_id = i.task_id
RETURNING r.task_id, r.fence
