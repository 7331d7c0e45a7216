UPDATE invoice
   SET entry_state = ?2, entry_period = ?3, entered_at = ?4
  FROM jsonb_each(?1) i
 WHERE invoice.tax_id = i.value ->> 'tax_id'
   AND invoice.number = i.value ->> 'number'
   AND invoice.code = i.value ->> 'code'
