SELECT p.* FROM json_each(?1) i CROSS JOIN taxpayer_account p ON p.tax_no = i.value
