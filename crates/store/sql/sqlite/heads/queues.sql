-- The head of each (lane, tax number), and what is due there but not ripened yet.
SELECT w.task_id, w.lane_id, w.tax_id, w.class, w.place, w.since
  FROM json_each(?1) i
 CROSS JOIN waiting w
    ON w.task_id = (SELECT h.task_id
                      FROM waiting h
                     WHERE h.lane_id = i.value ->> 0 AND h.tax_id = i.value ->> 1
                       AND h.run_at IS NULL
                     ORDER BY h.class, h.place
                     LIMIT 1)
UNION ALL
SELECT w.task_id, w.lane_id, w.tax_id, w.class, w.place, w.since
  FROM json_each(?1) i
 CROSS JOIN waiting w
    ON w.tax_id = i.value ->> 1 AND w.lane_id = i.value ->> 0
   AND w.run_at IS NOT NULL AND w.run_at <= ?2
