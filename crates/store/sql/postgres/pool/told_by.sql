-- Whose tax number this holder has. Locked, so that the keys cannot pass on before what the bureau
-- told it is written down.
SELECT r.tax_id, t.tax_no
  FROM running r
  JOIN taxpayer t ON t.id = r.tax_id
 WHERE r.task_id = $1 AND r.fence = $2 AND r.worker IS NOT NULL
   FOR NO KEY UPDATE OF r
