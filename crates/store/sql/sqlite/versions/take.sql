-- Nobody else makes its file until then.
UPDATE statistic_version
   SET file_due = ?4
 WHERE tax_id = (SELECT p.id FROM taxpayer p WHERE p.tax_no = ?1)
   AND period = ?2
   AND "order" = ?3
