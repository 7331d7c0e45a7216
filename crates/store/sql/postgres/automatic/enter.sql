-- Rows are locked since automatic/enter_lock.
UPDATE invoice v
   SET entry_state = $2, entry_period = $3, entered_at = $4
  FROM (SELECT j.*
          FROM jsonb_to_recordset($1::text::jsonb) j(tax_id int, number text, code text)
        -- Apart from the rest, so that each goes by the whole key (ADR 5).
        OFFSET 0) i
 WHERE v.tax_id = i.tax_id AND v.number = i.number AND v.code = i.code
