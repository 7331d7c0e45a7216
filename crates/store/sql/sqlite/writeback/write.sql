-- How invoices stand in the books from now on.
UPDATE invoice
   SET accounting_org  = i.value ->> 'accounting_org',
       document_type   = i.value ->> 'document_type',
       deductible      = i.value ->> 'deductible',
       entry_state     = i.value ->> 'entry_state',
       entry_period    = i.value ->> 'entry_period',
       entered_at      = i.value ->> 'entered_at',
       entry_tax       = i.value ->> 'entry_tax',
       transferred_out = i.value ->> 'transferred_out',
       transfer_reason = i.value ->> 'transfer_reason',
       voucher_no      = i.value ->> 'voucher_no',
       voucher_link    = i.value ->> 'voucher_link'
  FROM jsonb_each(?1) i
 WHERE invoice.tax_id = i.value ->> 'tax_id'
   AND invoice.number = i.value ->> 'number'
   AND invoice.code = i.value ->> 'code'
