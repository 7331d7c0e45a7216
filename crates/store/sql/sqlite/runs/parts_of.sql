SELECT i.key + 1 AS n, r.part
  FROM json_each(?2) i
 CROSS JOIN run_part r ON r.run_id = ?1 AND r.tax_no = i.value
