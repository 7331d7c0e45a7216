-- Who holds which slots of these lanes.
SELECT r.lane_id, r.n, r.task_id, k.kind, k.tax_no, r.since
  FROM json_each(?1) i
 CROSS JOIN running r ON r.lane_id = i.value AND r.n IS NOT NULL
 CROSS JOIN task_log k ON k.task_id = r.task_id
