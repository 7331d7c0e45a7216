-- Invoices with every field, in the order asked.
SELECT p.tax_no AS buyer_tax_no, p.tax_org, v.number, v.code, v.invoice_type::bigint AS invoice_type,
       v.date, v.amount, v.tax, v.status, v.risk, v.selection, v.period, v.special_kind,
       v.accounting_org, v.seller_name, v.seller_tax_no,
       (extract(epoch FROM v.collected_at) * 1000000)::bigint AS collected_at, v.verification,
       v.source, v.document_type, v.deductible, v.purpose, v.non_deduction_reason,
       v.non_deduction_text, v.entry_state, v.entry_period,
       (extract(epoch FROM v.entered_at) * 1000000)::bigint AS entered_at, v.entry_tax,
       v.transferred_out, v.transfer_reason, v.voucher_no, v.voucher_link, h.task_id AS held_by
  FROM unnest($1::int[], $2::text[], $3::text[]) WITH ORDINALITY i(tax_id, number, code, n)
  JOIN invoice v ON v.tax_id = i.tax_id AND v.number = i.number AND v.code = i.code
  JOIN taxpayer p ON p.id = v.tax_id
  LEFT JOIN invoice_hold h
         ON h.tax_id = v.tax_id AND h.number = v.number AND h.code = v.code
 ORDER BY i.n
