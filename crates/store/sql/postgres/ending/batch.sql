-- A batch counts its tasks as they end, in key order. Returns those that are complete now: of one
-- that was asked for here, when as many tasks were logged as it becomes.
UPDATE batch b
   SET ended = b.ended + i.ended
  FROM (SELECT c.batch_id, u.ended
          FROM unnest($1::text[], $2::int[]) u(batch_id, ended)
          JOIN batch c USING (batch_id)
         ORDER BY c.batch_id
           FOR NO KEY UPDATE OF c) i
 WHERE b.batch_id = i.batch_id
RETURNING b.batch_id, b.tasks,
          b.ended = b.tasks
          AND b.tasks >= coalesce((SELECT q.tasks FROM batch_request q
                                    WHERE q.batch_id = b.batch_id), 0) AS complete
