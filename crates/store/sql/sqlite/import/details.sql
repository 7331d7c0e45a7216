-- What a file says of details; what it leaves out stays.
-- Made first, or the planner could go over the whole pool.
WITH i AS MATERIALIZED (
    SELECT p.id AS tax_id, j.value ->> 'number' AS number, j.value ->> 'code' AS code,
           j.value AS said
      FROM jsonb_each(?1) j
     CROSS JOIN taxpayer p ON p.tax_no = j.value ->> 'tax_no')
UPDATE invoice AS v
   SET collected_at         = coalesce(i.said ->> 'collected_at', v.collected_at),
       verification         = coalesce(i.said ->> 'verification', v.verification),
       source               = coalesce(i.said ->> 'source', v.source),
       document_type        = coalesce(i.said ->> 'document_type', v.document_type),
       deductible           = coalesce(i.said ->> 'deductible', v.deductible),
       purpose              = coalesce(i.said ->> 'purpose', v.purpose),
       non_deduction_reason = coalesce(i.said ->> 'non_deduction_reason', v.non_deduction_reason),
       non_deduction_text   = coalesce(i.said ->> 'non_deduction_text', v.non_deduction_text),
       entry_state          = coalesce(i.said ->> 'entry_state', v.entry_state),
       entry_period         = coalesce(i.said ->> 'entry_period', v.entry_period),
       entered_at           = coalesce(i.said ->> 'entered_at', v.entered_at),
       entry_tax            = coalesce(i.said ->> 'entry_tax', v.entry_tax),
       transferred_out      = coalesce(i.said ->> 'transferred_out', v.transferred_out),
       transfer_reason      = coalesce(i.said ->> 'transfer_reason', v.transfer_reason),
       voucher_no           = coalesce(i.said ->> 'voucher_no', v.voucher_no),
       voucher_link         = coalesce(i.said ->> 'voucher_link', v.voucher_link)
  FROM i
 WHERE v.tax_id = i.tax_id AND v.number = i.number AND v.code = i.code
