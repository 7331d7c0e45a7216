-- The rivals of these waiting tasks that can hinder them: the head of the same tax number in each
-- of its lanes, and the task just before it in its own line. Time that has come counts.
SELECT w.task_id AS candidate, h.task_id, t.kind, h.place, h.lane_id, h.run_at, h.class
  FROM unnest($1::uuid[]) i(task_id)
  JOIN waiting w ON w.task_id = i.task_id
 CROSS JOIN LATERAL (
       (SELECT o.*
          FROM serves s
         CROSS JOIN LATERAL (
               SELECT u.*
                 FROM ((SELECT q.* FROM waiting q
                         WHERE q.lane_id = s.lane_id AND q.tax_id = w.tax_id AND q.run_at IS NULL
                         ORDER BY q.class, q.place
                         LIMIT 1)
                       UNION ALL
                       (SELECT q.* FROM waiting q
                         WHERE q.tax_id = w.tax_id AND q.run_at <= statement_timestamp()
                           AND q.lane_id = s.lane_id
                         ORDER BY q.class, q.place
                         LIMIT 1)) u
                ORDER BY u.class, u.place
                LIMIT 1) o
         WHERE s.tax_id = w.tax_id)
       UNION ALL
       (SELECT u.*
          FROM ((SELECT q.* FROM waiting q
                  WHERE q.lane_id = w.lane_id AND q.tax_id = w.tax_id AND q.class = w.class
                    AND q.place < w.place AND q.run_at IS NULL
                  ORDER BY q.place DESC
                  LIMIT 1)
                UNION ALL
                (SELECT q.* FROM waiting q
                  WHERE q.tax_id = w.tax_id AND q.run_at <= statement_timestamp()
                    AND q.lane_id = w.lane_id AND q.class = w.class AND q.place < w.place
                  ORDER BY q.place DESC
                  LIMIT 1)) u
         ORDER BY u.place DESC
         LIMIT 1)) h
  JOIN task_log t ON t.task_id = h.task_id
 ORDER BY h.class, h.place
