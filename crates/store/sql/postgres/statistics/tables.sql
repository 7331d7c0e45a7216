-- The statistic tables of each tax number asked for (NULL as period: all). One that is known and has
-- none is a row without a period.
SELECT i.n, s.period, s.state, s."order", s.figures,
       (extract(epoch FROM s.figures_at) * 1000000)::bigint AS figures_at, s.figures_order
  FROM unnest($1::text[], $2::int[]) WITH ORDINALITY i(tax_no, period, n)
  JOIN taxpayer p ON p.tax_no = i.tax_no
  LEFT JOIN statistic_table s ON s.tax_id = p.id AND (i.period IS NULL OR s.period = i.period)
