-- The one that is due longest.
SELECT p.tax_no, v.period, v."order", v.task_id, v.kind, v.state, v.figures, v.figures_at,
       v.figures_order, v.ours, v.at, v.withdrawn_at, v.file
  FROM statistic_version v
 CROSS JOIN taxpayer p ON p.id = v.tax_id
 WHERE v.file IS NULL AND v.file_due <= ?1
 ORDER BY v.file_due
 LIMIT 1
