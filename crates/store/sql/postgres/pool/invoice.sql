-- One invoice with every field.
SELECT p.tax_no AS buyer_tax_no, p.tax_org, v.number, v.code, v.invoice_type::bigint AS invoice_type,
       v.date, v.amount, v.tax, v.status, v.risk, v.selection, v.period, v.special_kind,
       v.accounting_org, v.seller_name, v.seller_tax_no,
       (extract(epoch FROM v.collected_at) * 1000000)::bigint AS collected_at, v.verification,
       v.source, v.document_type, v.deductible, v.purpose, v.non_deduction_reason,
       v.non_deduction_text, v.entry_state, v.entry_period,
       (extract(epoch FROM v.entered_at) * 1000000)::bigint AS entered_at, v.entry_tax,
       v.transferred_out, v.transfer_reason, v.voucher_no, v.voucher_link, h.task_id AS held_by
  FROM invoice v
  JOIN taxpayer p ON p.id = v.tax_id
  LEFT JOIN invoice_hold h USING (tax_id, number, code)
 WHERE v.tax_id = (SELECT t.id FROM taxpayer t WHERE t.tax_no = $1)
   AND v.number = $2
   AND v.code = $3
