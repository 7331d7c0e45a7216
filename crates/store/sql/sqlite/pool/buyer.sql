-- The buyer with this tax number, if it is of this organisation.
SELECT p.id
  FROM taxpayer p
 WHERE p.tax_no = ?1
   AND (?2 IS NULL OR p.tax_org = ?2)
