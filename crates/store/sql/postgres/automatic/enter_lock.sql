-- How the chosen invoices stand in the books; locked, in the order of their keys.
SELECT v.tax_id, v.number, v.code
  FROM jsonb_to_recordset($1::text::jsonb) i(tax_no text, number text, code text)
  JOIN taxpayer p ON p.tax_no = i.tax_no
  JOIN invoice v ON v.tax_id = p.id AND v.number = i.number AND v.code = i.code
 WHERE v.entry_state = 'not_entered'
 ORDER BY v.tax_id, v.number, v.code
   FOR NO KEY UPDATE OF v
