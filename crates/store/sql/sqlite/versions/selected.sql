-- A page of what the pool has selected for a period, by its key. `held_by` is not asked for: each is
-- told as the pool keeps it.
SELECT p.tax_no AS buyer_tax_no, p.tax_org, v.number, v.code, v.invoice_type, v.date, v.amount, v.tax,
       v.status, v.risk, v.selection, v.period, v.special_kind, v.accounting_org, v.seller_name,
       v.seller_tax_no, v.collected_at, v.verification, v.source, v.document_type, v.deductible,
       v.purpose, v.non_deduction_reason, v.non_deduction_text, v.entry_state, v.entry_period,
       v.entered_at, v.entry_tax, v.transferred_out, v.transfer_reason, v.voucher_no,
       v.voucher_link, NULL AS held_by
  FROM taxpayer p
 CROSS JOIN invoice v ON v.tax_id = p.id
 WHERE p.tax_no = ?1
   AND v.selection IN ('selected', 'certified', 'scan_certified')
   AND v.period = ?2
   AND (v.number, v.code) > (?3, ?4)
 ORDER BY v.number, v.code
 LIMIT ?5
