-- All heads of these lanes by skip scan: from one tax number to the next by the index, so that
-- it costs as much as there are heads.
WITH RECURSIVE queue (lane_id, tax_id) AS (
    SELECT i.value,
           (SELECT min(w.tax_id) FROM waiting w WHERE w.lane_id = i.value AND w.run_at IS NULL)
      FROM json_each(?1) i
    UNION ALL
    SELECT q.lane_id,
           (SELECT min(w.tax_id) FROM waiting w
             WHERE w.lane_id = q.lane_id AND w.tax_id > q.tax_id AND w.run_at IS NULL)
      FROM queue q
     WHERE q.tax_id IS NOT NULL)
SELECT w.task_id, w.lane_id, w.tax_id, w.class, w.place, w.since
  FROM queue q
 CROSS JOIN waiting w
    ON w.task_id = (SELECT h.task_id
                      FROM waiting h
                     WHERE h.lane_id = q.lane_id AND h.tax_id = q.tax_id AND h.run_at IS NULL
                     ORDER BY h.class, h.place
                     LIMIT 1)
