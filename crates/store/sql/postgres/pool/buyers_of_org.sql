SELECT p.id
  FROM taxpayer p
 WHERE p.tax_org = $1
