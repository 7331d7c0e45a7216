-- Small-scale before general, for each organisation that has a taxpayer.
SELECT p.tax_org, max(p.kind)
  FROM json_each(?1) i
 CROSS JOIN taxpayer p ON p.tax_org = i.value
 GROUP BY p.tax_org
