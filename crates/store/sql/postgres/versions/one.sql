SELECT p.tax_no, v.period, v."order", v.task_id, v.kind, v.state, v.figures,
       (extract(epoch FROM v.figures_at) * 1000000)::bigint AS figures_at, v.figures_order, v.ours,
       (extract(epoch FROM v.at) * 1000000)::bigint AS at,
       (extract(epoch FROM v.withdrawn_at) * 1000000)::bigint AS withdrawn_at, v.file
  FROM taxpayer p
  JOIN statistic_version v ON v.tax_id = p.id
 WHERE p.tax_no = $1
   AND v.period = $2
   AND v."order" = $3
