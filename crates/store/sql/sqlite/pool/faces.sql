-- What a download may change of these invoices, whoever holds them.
SELECT v.number, v.code, v.invoice_type, v.date, v.amount, v.tax, v.status, v.risk, v.selection,
       v.period, v.special_kind, NULL AS held_by, v.seller_name, v.seller_tax_no, v.purpose,
       v.non_deduction_reason, v.non_deduction_text
  FROM jsonb_each(?2) i
 CROSS JOIN invoice v
    ON v.tax_id = ?1 AND v.number = i.value ->> 'number' AND v.code = i.value ->> 'code'
