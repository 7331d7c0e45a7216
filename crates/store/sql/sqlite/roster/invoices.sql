-- What the pool knows of these invoices, and which task holds each.
SELECT i.key AS n, v.number, v.code, v.invoice_type, v.date, v.amount, v.tax, v.status, v.risk,
       v.selection, v.period, v.special_kind, h.task_id AS held_by
  FROM jsonb_each(?1) i
 CROSS JOIN invoice v
    ON v.tax_id = i.value ->> 'tax_id'
   AND v.number = i.value ->> 'number'
   AND v.code = i.value ->> 'code'
  LEFT JOIN invoice_hold h
    ON h.tax_id = v.tax_id AND h.number = v.number AND h.code = v.code
