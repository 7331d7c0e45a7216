-- What the bureau told of the use of invoices. Rows are locked since ending/standing.
UPDATE invoice v
   SET selection            = i.selection,
       period               = i.period,
       purpose              = i.purpose,
       non_deduction_reason = i.non_deduction_reason,
       non_deduction_text   = i.non_deduction_text,
       status               = i.status,
       risk                 = i.risk,
       entry_state          = i.entry_state,
       entry_period         = i.entry_period,
       entered_at           = timestamptz 'epoch' + i.entered_at * interval '1 microsecond'
  FROM (SELECT j.*
          FROM jsonb_to_recordset($1::text::jsonb)
               j(tax_id int, number text, code text, selection text, period int, purpose text,
                 non_deduction_reason text, non_deduction_text text, status text, risk text,
                 entry_state text, entry_period int, entered_at bigint)
        -- Apart from the rest, so that each goes by the whole key (ADR 5).
        OFFSET 0) i
 WHERE v.tax_id = i.tax_id AND v.number = i.number AND v.code = i.code
