-- The head of each (lane, tax number): among those whose time has come, also when nobody has
-- ripened them yet.
SELECT i.lane_id, i.tax_id, h.task_id, h.class, h.place, h.since
  FROM unnest($1::int[], $2::int[]) i(lane_id, tax_id)
 CROSS JOIN LATERAL (
       SELECT u.*
         FROM ((SELECT q.task_id, q.class, q.place, q.since FROM waiting q
                 WHERE q.lane_id = i.lane_id AND q.tax_id = i.tax_id AND q.run_at IS NULL
                 ORDER BY q.class, q.place
                 LIMIT 1)
               UNION ALL
               (SELECT q.task_id, q.class, q.place, q.since FROM waiting q
                 WHERE q.tax_id = i.tax_id AND q.run_at <= statement_timestamp()
                   AND q.lane_id = i.lane_id
                 ORDER BY q.class, q.place
                 LIMIT 1)) u
        ORDER BY u.class, u.place
        LIMIT 1) h
