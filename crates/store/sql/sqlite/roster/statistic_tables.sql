SELECT period, state, "order"
  FROM statistic_table
 WHERE tax_id = ?1
 ORDER BY period
