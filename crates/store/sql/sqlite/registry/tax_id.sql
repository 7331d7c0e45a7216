SELECT p.id FROM taxpayer p WHERE p.tax_no = ?1
