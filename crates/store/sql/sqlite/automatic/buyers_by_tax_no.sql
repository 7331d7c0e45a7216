SELECT p.id
  FROM json_each(?1) n
 CROSS JOIN taxpayer p ON p.tax_no = n.value
 WHERE (?2 IS NULL OR p.tax_org IN (SELECT value FROM json_each(?2)))
 ORDER BY p.id
