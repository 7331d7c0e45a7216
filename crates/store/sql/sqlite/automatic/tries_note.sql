INSERT INTO automatic_try (rule_id, tax_id, number, code, at, n, invoice_type, tax, period)
SELECT ?1, p.id, i.value ->> 'number', i.value ->> 'code', ?2, i.value ->> 'n',
       i.value ->> 'invoice_type', i.value ->> 'tax', ?3
  FROM jsonb_each(?4) i
 CROSS JOIN taxpayer p ON p.tax_no = i.value ->> 'tax_no'
 WHERE true
    ON CONFLICT DO NOTHING
