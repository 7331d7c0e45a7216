-- How invoices stand in the books; locked, one document after the other.
SELECT p.tax_no, v.tax_id, v.number, v.code, v.tax, v.accounting_org, v.document_type, v.deductible,
       v.entry_state, v.entry_period,
       (extract(epoch FROM v.entered_at) * 1000000)::bigint AS entered_at, v.entry_tax,
       v.transferred_out, v.transfer_reason, v.voucher_no, v.voucher_link
  FROM jsonb_to_recordset($1::text::jsonb) i(tax_no text, number text, code text)
  JOIN taxpayer p ON p.tax_no = i.tax_no
  JOIN invoice v ON v.tax_id = p.id AND v.number = i.number AND v.code = i.code
 ORDER BY v.tax_id, v.number, v.code
   FOR NO KEY UPDATE OF v
