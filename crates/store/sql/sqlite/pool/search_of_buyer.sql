-- As pool/search, along the index of one buyer.
SELECT p.tax_no AS buyer_tax_no, p.tax_org, v.number, v.code, v.invoice_type, v.date, v.amount, v.tax,
       v.status, v.risk, v.selection, v.period, v.special_kind, v.accounting_org, v.seller_name,
       v.seller_tax_no, v.collected_at, v.verification, v.source, v.document_type, v.deductible,
       v.purpose, v.non_deduction_reason, v.non_deduction_text, v.entry_state, v.entry_period,
       v.entered_at, v.entry_tax, v.transferred_out, v.transfer_reason, v.voucher_no,
       v.voucher_link, h.task_id AS held_by
  FROM invoice v
 CROSS JOIN taxpayer p ON p.id = v.tax_id
  LEFT JOIN invoice_hold h
    ON h.tax_id = v.tax_id AND h.number = v.number AND h.code = v.code
 WHERE v.tax_id = ?1
   AND (?2 IS NULL OR v.tax_id IN (SELECT value FROM json_each(?2)))
   AND (?3 IS NULL OR v.accounting_org = ?3)
   AND (?4 IS NULL OR v.invoice_type IN (SELECT value FROM json_each(?4)))
   AND (?5 IS NULL OR v.status IN (SELECT value FROM json_each(?5)))
   AND (?6 IS NULL OR iif(h.task_id IS NULL, v.selection, 'selecting')
                      IN (SELECT value FROM json_each(?6)))
   AND (?7 IS NULL OR coalesce(v.purpose, '') IN (SELECT value FROM json_each(?7)))
   AND (?8 IS NULL OR v.deductible = ?8)
   AND (?9 IS NULL OR coalesce(v.date, '0001-01-01') >= ?9)
   AND (?10 IS NULL OR coalesce(v.date, '0001-01-01') <= ?10)
   AND (?11 IS NULL OR v.amount >= ?11)
   AND (?12 IS NULL OR v.amount <= ?12)
   AND (?13 IS NULL OR instr(v.seller_name, ?13) > 0)
   AND (?14 IS NULL OR v.number >= ?14 AND v.number < ?15)
   AND (?16 IS NULL OR v.entry_state IN (SELECT value FROM json_each(?16)))
   AND (?17 IS NULL
        OR iif(v.accounting_org = '', p.tax_org, v.accounting_org)
           IN (SELECT value FROM json_each(?17)))
   AND (coalesce(v.date, '0001-01-01'), v.number, v.code, v.tax_id) < (?18, ?19, ?20, ?21)
 ORDER BY coalesce(v.date, '0001-01-01') DESC, v.number DESC, v.code DESC
 LIMIT ?22
