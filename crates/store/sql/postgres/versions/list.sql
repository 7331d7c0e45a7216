-- A page of a tax number's versions, the newest first.
SELECT p.tax_no, v.period, v."order", v.task_id, v.kind, v.state, v.figures,
       (extract(epoch FROM v.figures_at) * 1000000)::bigint AS figures_at, v.figures_order, v.ours,
       (extract(epoch FROM v.at) * 1000000)::bigint AS at,
       (extract(epoch FROM v.withdrawn_at) * 1000000)::bigint AS withdrawn_at, v.file
  FROM taxpayer p
  JOIN statistic_version v ON v.tax_id = p.id
 WHERE p.tax_no = $1
   AND ($2::int IS NULL OR v.period = $2)
   AND ($3::int IS NULL OR (v.period, v."order") < ($3, $4::bigint))
 ORDER BY v.period DESC, v."order" DESC
 LIMIT $5
