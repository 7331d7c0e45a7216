-- What the outcomes mark in the pool; invoices that it does not know are left alone.
-- An invoice is in one unfinished task at most, so that settlements do not wait for each other
-- here, in whatever order they go.
UPDATE invoice v
   SET selection            = i.selection,
       period               = i.period,
       purpose              = i.purpose,
       non_deduction_reason = i.non_deduction_reason,
       non_deduction_text   = i.non_deduction_text
  FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[],
              $8::text[])
       i(tax_id, number, code, selection, period, purpose, non_deduction_reason,
         non_deduction_text)
 WHERE v.tax_id = i.tax_id AND v.number = i.number AND v.code = i.code
