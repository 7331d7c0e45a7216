-- Whom an account serves.
SELECT p.tax_no, s.may, s.default_business
  FROM serves s
 CROSS JOIN taxpayer p ON p.id = s.tax_id
 WHERE s.lane_id = ?1 AND s.may <> '[]'
 ORDER BY p.tax_no
