INSERT INTO automatic_try (rule_id, tax_id, number, code, at, n, invoice_type, tax, period)
SELECT $1, p.id, i.number, i.code, $2, i.n, i.invoice_type, i.tax, $3
  FROM jsonb_to_recordset($4::text::jsonb)
       i(tax_no text, number text, code text, n int, invoice_type smallint, tax bigint)
  JOIN taxpayer p ON p.tax_no = i.tax_no
 ORDER BY p.id, i.number, i.code
    ON CONFLICT DO NOTHING
