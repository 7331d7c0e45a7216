-- What stands kept of each table: its newest version, if it has one.
SELECT i.n, v.state, v.figures, v.withdrawn_at IS NOT NULL AS withdrawn, v."order"
  FROM unnest($1::int[], $2::int[]) WITH ORDINALITY i(tax_id, period, n)
 CROSS JOIN LATERAL (SELECT k.state, k.figures, k.withdrawn_at, k."order"
                       FROM statistic_version k
                      WHERE k.tax_id = i.tax_id AND k.period = i.period
                      ORDER BY k."order" DESC
                      LIMIT 1) v
