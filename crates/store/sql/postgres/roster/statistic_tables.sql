SELECT s.period, s.state, s."order"
  FROM statistic_table s
 WHERE s.tax_id = $1
 ORDER BY s.period
