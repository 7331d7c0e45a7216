-- What the outcomes mark in the pool; invoices that it does not know are left alone.
UPDATE invoice
   SET selection            = i.value ->> 'selection',
       period               = i.value ->> 'period',
       purpose              = i.value ->> 'purpose',
       non_deduction_reason = i.value ->> 'non_deduction_reason',
       non_deduction_text   = i.value ->> 'non_deduction_text'
  FROM jsonb_each(?1) i
 WHERE invoice.tax_id = i.value ->> 'tax_id'
   AND invoice.number = i.value ->> 'number'
   AND invoice.code = i.value ->> 'code'
