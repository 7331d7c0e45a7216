-- Small-scale before general, for each organisation that has a taxpayer.
SELECT DISTINCT ON (p.tax_org) p.tax_org, p.kind
  FROM taxpayer p
 WHERE p.tax_org = ANY ($1::text[])
 ORDER BY p.tax_org, p.kind = 'small_scale' DESC
