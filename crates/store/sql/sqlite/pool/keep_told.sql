-- What the bureau told of invoices of one tax number, as it was decided. Only a new one is collected
-- now, from ?3; the books, the organisation and the other marks of a known one stay.
INSERT INTO invoice (tax_id, number, code, invoice_type, date, amount, tax, status, risk, selection,
                     period, special_kind, seller_name, seller_tax_no, purpose,
                     non_deduction_reason, non_deduction_text, source, collected_at)
SELECT ?1, i.value ->> 'number', i.value ->> 'code', i.value ->> 'invoice_type',
       i.value ->> 'date', i.value ->> 'amount', i.value ->> 'tax', i.value ->> 'status',
       i.value ->> 'risk', i.value ->> 'selection', i.value ->> 'period',
       i.value ->> 'special_kind', i.value ->> 'seller_name', i.value ->> 'seller_tax_no',
       i.value ->> 'purpose', i.value ->> 'non_deduction_reason',
       i.value ->> 'non_deduction_text', ?3, ?4
  FROM jsonb_each(?2) i
 WHERE true
    ON CONFLICT (tax_id, number, code) DO UPDATE
   SET invoice_type = excluded.invoice_type, date = excluded.date, amount = excluded.amount,
       tax = excluded.tax, status = excluded.status, risk = excluded.risk,
       selection = excluded.selection, period = excluded.period,
       special_kind = excluded.special_kind, seller_name = excluded.seller_name,
       seller_tax_no = excluded.seller_tax_no, purpose = excluded.purpose,
       non_deduction_reason = excluded.non_deduction_reason,
       non_deduction_text = excluded.non_deduction_text
