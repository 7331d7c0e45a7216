-- One row per occupied slot; one without a task for a lane that is only on a tax number.
SELECT l.id, p.tax_no, r.task_id
  FROM lane l
  LEFT JOIN taxpayer p ON p.id = l.current_tax_id
  LEFT JOIN running r ON r.lane_id = l.id AND r.n IS NOT NULL
 WHERE p.id IS NOT NULL OR r.task_id IS NOT NULL
 ORDER BY l.id, r.n
