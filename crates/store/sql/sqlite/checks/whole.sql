-- Invoices with every field, in the order asked.
SELECT p.tax_no AS buyer_tax_no, p.tax_org, v.number, v.code, v.invoice_type, v.date, v.amount, v.tax,
       v.status, v.risk, v.selection, v.period, v.special_kind, v.accounting_org, v.seller_name,
       v.seller_tax_no, v.collected_at, v.verification, v.source, v.document_type, v.deductible,
       v.purpose, v.non_deduction_reason, v.non_deduction_text, v.entry_state, v.entry_period,
       v.entered_at, v.entry_tax, v.transferred_out, v.transfer_reason, v.voucher_no,
       v.voucher_link, h.task_id AS held_by
  FROM json_each(?1) i
 CROSS JOIN invoice v
         ON v.tax_id = i.value ->> '$[0]'
        AND v.number = i.value ->> '$[1]'
        AND v.code = i.value ->> '$[2]'
 CROSS JOIN taxpayer p ON p.id = v.tax_id
  LEFT JOIN invoice_hold h
    ON h.tax_id = v.tax_id AND h.number = v.number AND h.code = v.code
 ORDER BY i.key
