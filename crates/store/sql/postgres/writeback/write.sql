-- How invoices stand in the books from now on. Rows are locked since writeback/books.
UPDATE invoice v
   SET accounting_org  = i.accounting_org,
       document_type   = i.document_type,
       deductible      = i.deductible,
       entry_state     = i.entry_state,
       entry_period    = i.entry_period,
       entered_at      = timestamptz 'epoch' + i.entered_at * interval '1 microsecond',
       entry_tax       = i.entry_tax,
       transferred_out = i.transferred_out,
       transfer_reason = i.transfer_reason,
       voucher_no      = i.voucher_no,
       voucher_link    = i.voucher_link
  FROM (SELECT j.*
          FROM jsonb_to_recordset($1::text::jsonb)
               j(tax_id int, number text, code text, accounting_org text, document_type text,
                 deductible boolean, entry_state text, entry_period int, entered_at bigint,
                 entry_tax bigint, transferred_out bigint, transfer_reason text, voucher_no text,
                 voucher_link text)
        -- Apart from the rest, so that each goes by the whole key (ADR 5).
        OFFSET 0) i
 WHERE v.tax_id = i.tax_id AND v.number = i.number AND v.code = i.code
