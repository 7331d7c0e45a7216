-- The head of each (lane, tax number). What is due is none before it is ripened.
SELECT w.task_id, w.lane_id, w.tax_id, w.class, w.place, w.since
  FROM json_each(?1) i
 CROSS JOIN waiting w
    ON w.task_id = (SELECT h.task_id
                      FROM waiting h
                     WHERE h.lane_id = i.value ->> 0 AND h.tax_id = i.value ->> 1
                       AND h.run_at IS NULL
                     ORDER BY h.class, h.place
                     LIMIT 1)
