-- The first file stays.
UPDATE statistic_version v
   SET file = $4
 WHERE v.tax_id = (SELECT p.id FROM taxpayer p WHERE p.tax_no = $1)
   AND v.period = $2
   AND v."order" = $3
   AND v.file IS NULL
