-- A page of a tax number's versions, the newest first.
SELECT p.tax_no, v.period, v."order", v.task_id, v.kind, v.state, v.figures, v.figures_at,
       v.figures_order, v.ours, v.at, v.withdrawn_at, v.file
  FROM taxpayer p
 CROSS JOIN statistic_version v ON v.tax_id = p.id
 WHERE p.tax_no = ?1
   AND (?2 IS NULL OR v.period = ?2)
   AND (v.period, v."order") < (?3, ?4)
 ORDER BY v.period DESC, v."order" DESC
 LIMIT ?5
