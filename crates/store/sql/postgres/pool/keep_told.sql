-- What the bureau told of invoices of one tax number, as it was decided. Only a new one is collected
-- now, from $3; the books, the organisation and the other marks of a known one stay.
INSERT INTO invoice (tax_id, number, code, invoice_type, date, amount, tax, status, risk, selection,
                     period, special_kind, seller_name, seller_tax_no, purpose,
                     non_deduction_reason, non_deduction_text, collected_at, source)
SELECT $1::int, i.number, i.code, i.invoice_type, i.date, i.amount, i.tax, i.status, i.risk,
       i.selection, i.period, i.special_kind, i.seller_name, i.seller_tax_no, i.purpose,
       i.non_deduction_reason, i.non_deduction_text, clock_timestamp(), $3::text
  FROM jsonb_to_recordset($2::text::jsonb)
       i(number text, code text, invoice_type smallint, date date, amount bigint, tax bigint,
         status text, risk text, selection text, period int, special_kind text, seller_name text,
         seller_tax_no text, purpose text, non_deduction_reason text, non_deduction_text text)
 ORDER BY i.number, i.code
    ON CONFLICT (tax_id, number, code) DO UPDATE
   SET invoice_type  = excluded.invoice_type,
       date          = excluded.date,
       amount        = excluded.amount,
       tax           = excluded.tax,
       status        = excluded.status,
       risk          = excluded.risk,
       selection     = excluded.selection,
       period        = excluded.period,
       special_kind  = excluded.special_kind,
       seller_name   = excluded.seller_name,
       seller_tax_no = excluded.seller_tax_no,
       purpose       = excluded.purpose,
       non_deduction_reason = excluded.non_deduction_reason,
       non_deduction_text   = excluded.non_deduction_text
