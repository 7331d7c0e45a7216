-- How invoices stand of whose use the bureau told.
SELECT v.tax_id, v.number, v.code, v.selection, v.period, v.purpose, v.non_deduction_reason,
       v.non_deduction_text, v.status, v.risk, v.entry_state, v.entry_period, v.entered_at
  FROM jsonb_each(?1) i
  JOIN invoice v
    ON v.tax_id = i.value ->> 'tax_id'
   AND v.number = i.value ->> 'number'
   AND v.code = i.value ->> 'code'
