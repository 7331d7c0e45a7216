INSERT INTO batch_line (batch_id, n, part, at, number, code, invoice_type, reason, reason_text)
SELECT ?1, i.key, i.value ->> 'part', i.value ->> 'at', i.value ->> 'number', i.value ->> 'code',
       i.value ->> 'invoice_type', i.value ->> 'reason', i.value ->> 'reason_text'
  FROM jsonb_each(?2) i
