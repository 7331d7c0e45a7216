-- How invoices stand in the books.
SELECT p.tax_no, v.tax_id, v.number, v.code, v.tax, v.accounting_org, v.document_type, v.deductible,
       v.entry_state, v.entry_period, v.entered_at, v.entry_tax, v.transferred_out,
       v.transfer_reason, v.voucher_no, v.voucher_link
  FROM jsonb_each(?1) i
  JOIN taxpayer p ON p.tax_no = i.value ->> 'tax_no'
  JOIN invoice v
    ON v.tax_id = p.id AND v.number = i.value ->> 'number' AND v.code = i.value ->> 'code'
