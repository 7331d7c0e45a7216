-- Only what is asked for is renewed: a claim whose answer was lost runs out by itself.
UPDATE running
   SET lease_until = ?3
  FROM (SELECT unhex(value ->> 0) AS task_id, value ->> 1 AS fence FROM jsonb_each(?1)) i
 WHERE running.task_id = i.task_id AND running.fence = i.fence AND running.worker = ?2
RETURNING task_id, fence
