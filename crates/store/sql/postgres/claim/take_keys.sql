-- Lock the candidates and look again, then take both keys, in tax number order. A candidate that
-- somebody else is at (claim, cancel) is skipped; one whose key is taken inserts nothing.
-- This may wait for another session inside ON CONFLICT: what was seen before is then old, which
-- is why claim/give_back looks again with a snapshot of its own.
INSERT INTO running (task_id, tax_id, lane_id, n, class, place, fence, worker, lease_until)
SELECT k.task_id, k.tax_id, k.lane_id, k.n, k.class, k.place, nextval('fence'), $3,
       clock_timestamp() + make_interval(secs => $4)
  FROM (SELECT w.*, i.n
          FROM unnest($1::uuid[], $2::smallint[]) i(task_id, n)
          JOIN waiting w ON w.task_id = i.task_id
         WHERE w.run_at IS NULL OR w.run_at <= statement_timestamp()
         ORDER BY w.tax_id, w.class, w.place
           FOR UPDATE OF w SKIP LOCKED) k
    ON CONFLICT DO NOTHING
RETURNING task_id
