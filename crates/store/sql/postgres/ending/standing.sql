-- How invoices stand of whose use the bureau told; locked, since a mark may come beside it.
SELECT v.tax_id, v.number, v.code, v.selection, v.period, v.purpose, v.non_deduction_reason,
       v.non_deduction_text, v.status, v.risk, v.entry_state, v.entry_period,
       (extract(epoch FROM v.entered_at) * 1000000)::bigint AS entered_at
  FROM jsonb_to_recordset($1::text::jsonb) i(tax_id int, number text, code text)
  JOIN invoice v USING (tax_id, number, code)
 ORDER BY v.tax_id, v.number, v.code
   FOR NO KEY UPDATE OF v
