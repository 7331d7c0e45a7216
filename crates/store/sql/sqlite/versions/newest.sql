-- What stands kept of a table: its newest version.
SELECT v.state, v.figures, v.withdrawn_at IS NOT NULL AS withdrawn, v."order"
  FROM statistic_version v
 WHERE v.tax_id = ?1 AND v.period = ?2
 ORDER BY v."order" DESC
 LIMIT 1
