SELECT id FROM taxpayer WHERE tax_no = ?1
