-- By lane, stopping at $2. Those without a date, so that the index of heads answers.
SELECT i.n,
       (SELECT count(*)
          FROM (SELECT
                  FROM waiting w
                 WHERE w.lane_id = i.lane_id AND w.run_at IS NULL
                 LIMIT $2) AS counted) AS tasks
  FROM unnest($1::int[]) WITH ORDINALITY i(lane_id, n)
 ORDER BY i.n
