-- Those with these tax numbers, or else all, that are of these organisations.
SELECT id
  FROM taxpayer
 WHERE ($1::text[] IS NULL OR tax_no = ANY ($1))
   AND ($2::text[] IS NULL OR tax_org = ANY ($2))
 ORDER BY id
