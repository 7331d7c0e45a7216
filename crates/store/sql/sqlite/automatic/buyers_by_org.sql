SELECT p.id
  FROM json_each(?1) o
 CROSS JOIN taxpayer p ON p.tax_org = o.value
 ORDER BY p.id
