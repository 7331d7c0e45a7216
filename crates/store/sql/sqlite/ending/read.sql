-- What the bureau told of the use of invoices.
UPDATE invoice
   SET selection            = i.value ->> 'selection',
       period               = i.value ->> 'period',
       purpose              = i.value ->> 'purpose',
       non_deduction_reason = i.value ->> 'non_deduction_reason',
       non_deduction_text   = i.value ->> 'non_deduction_text',
       status               = i.value ->> 'status',
       risk                 = i.value ->> 'risk',
       entry_state          = i.value ->> 'entry_state',
       entry_period         = i.value ->> 'entry_period',
       entered_at           = i.value ->> 'entered_at'
  FROM jsonb_each(?1) i
 WHERE invoice.tax_id = i.value ->> 'tax_id'
   AND invoice.number = i.value ->> 'number'
   AND invoice.code = i.value ->> 'code'
