-- The one that is due longest. Nobody else makes its file for so long.
WITH taken AS (
UPDATE statistic_version v
   SET file_due = clock_timestamp() + $1
  FROM (SELECT d.tax_id, d.period, d."order"
          FROM statistic_version d
         WHERE d.file IS NULL AND d.file_due <= clock_timestamp()
         ORDER BY d.file_due
         LIMIT 1
           FOR UPDATE SKIP LOCKED) due
 WHERE v.tax_id = due.tax_id AND v.period = due.period AND v."order" = due."order"
RETURNING v.*)
SELECT p.tax_no, v.period, v."order", v.task_id, v.kind, v.state, v.figures,
       (extract(epoch FROM v.figures_at) * 1000000)::bigint AS figures_at, v.figures_order, v.ours,
       (extract(epoch FROM v.at) * 1000000)::bigint AS at,
       (extract(epoch FROM v.withdrawn_at) * 1000000)::bigint AS withdrawn_at, v.file
  FROM taken v
  JOIN taxpayer p ON p.id = v.tax_id
