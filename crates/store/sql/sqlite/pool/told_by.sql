-- Whose tax number this holder has.
SELECT r.tax_id, t.tax_no
  FROM running r
  JOIN taxpayer t ON t.id = r.tax_id
 WHERE r.task_id = ?1 AND r.fence = ?2 AND r.worker IS NOT NULL
