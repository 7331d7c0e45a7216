-- The buyers that a check is of, in the order in which they became known.
SELECT p.id
  FROM taxpayer p
 WHERE (?1 IS NULL OR p.tax_no = ?1)
   AND (?2 IS NULL OR p.tax_org = ?2)
   AND p.id >= ?3
 ORDER BY p.id
