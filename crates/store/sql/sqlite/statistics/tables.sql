-- The statistic tables of each tax number asked for (NULL as period: all). One that is known and has
-- none is a row without a period.
SELECT i.key + 1 AS n, s.period, s.state, s."order", s.figures, s.figures_at, s.figures_order
  FROM json_each(?1) i
 CROSS JOIN taxpayer p ON p.tax_no = i.value ->> '$[0]'
  LEFT JOIN statistic_table s
         ON s.tax_id = p.id AND (i.value ->> '$[1]' IS NULL OR s.period = i.value ->> '$[1]')
