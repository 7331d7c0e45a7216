-- Which of the chosen invoices are not in the books.
SELECT v.tax_id, v.number, v.code
  FROM jsonb_each(?1) i
 CROSS JOIN taxpayer p ON p.tax_no = i.value ->> 'tax_no'
 CROSS JOIN invoice v
    ON v.tax_id = p.id AND v.number = i.value ->> 'number' AND v.code = i.value ->> 'code'
 WHERE v.entry_state = 'not_entered'
