-- The waiting tasks of these tax numbers that can hinder others: the head in each of its lanes,
-- and what is due but not ripened yet. Over the tax number's lanes first: what waits behind the
-- heads is never looked at.
SELECT w.tax_id, w.task_id, k.kind, w.place, w.lane_id, w.run_at
  FROM json_each(?1) i
 CROSS JOIN serves s ON s.tax_id = i.value
 CROSS JOIN waiting w
    ON w.task_id = (SELECT q.task_id
                      FROM waiting q
                     WHERE q.lane_id = s.lane_id AND q.tax_id = s.tax_id AND q.run_at IS NULL
                     ORDER BY q.class, q.place
                     LIMIT 1)
 CROSS JOIN task_log k ON k.task_id = w.task_id
UNION ALL
SELECT w.tax_id, w.task_id, k.kind, w.place, w.lane_id, w.run_at
  FROM json_each(?1) i
 CROSS JOIN waiting w ON w.tax_id = i.value AND w.run_at IS NOT NULL AND w.run_at <= ?2
 CROSS JOIN task_log k ON k.task_id = w.task_id
