-- What a file says of details; what it leaves out stays. Rows are locked since import/invoices.
UPDATE invoice v
   SET collected_at         = coalesce(timestamptz 'epoch' + i.collected_at * interval '1 microsecond',
                                       v.collected_at),
       verification         = coalesce(i.verification, v.verification),
       source               = coalesce(i.source, v.source),
       document_type        = coalesce(i.document_type, v.document_type),
       deductible           = coalesce(i.deductible, v.deductible),
       purpose              = coalesce(i.purpose, v.purpose),
       non_deduction_reason = coalesce(i.non_deduction_reason, v.non_deduction_reason),
       non_deduction_text   = coalesce(i.non_deduction_text, v.non_deduction_text),
       entry_state          = coalesce(i.entry_state, v.entry_state),
       entry_period         = coalesce(i.entry_period, v.entry_period),
       entered_at           = coalesce(timestamptz 'epoch' + i.entered_at * interval '1 microsecond',
                                       v.entered_at),
       entry_tax            = coalesce(i.entry_tax, v.entry_tax),
       transferred_out      = coalesce(i.transferred_out, v.transferred_out),
       transfer_reason      = coalesce(i.transfer_reason, v.transfer_reason),
       voucher_no           = coalesce(i.voucher_no, v.voucher_no),
       voucher_link         = coalesce(i.voucher_link, v.voucher_link)
  FROM (SELECT p.id AS tax_id, j.*
          FROM jsonb_to_recordset($1::text::jsonb)
               j(tax_no text, number text, code text, collected_at bigint, verification text,
                 source text, document_type text, deductible boolean, purpose text,
                 non_deduction_reason text, non_deduction_text text, entry_state text,
                 entry_period int, entered_at bigint, entry_tax bigint, transferred_out bigint,
                 transfer_reason text, voucher_no text, voucher_link text)
          JOIN taxpayer p USING (tax_no)
        -- Apart from the rest, so that each goes by the whole key (ADR 5).
        OFFSET 0) i
 WHERE v.tax_id = i.tax_id AND v.number = i.number AND v.code = i.code
