-- What a download may change of these invoices, and which task holds each.
SELECT v.number, v.code, v.invoice_type, v.date, v.amount, v.tax, v.status, v.risk, v.selection,
       v.period, v.special_kind, h.task_id AS held_by, v.seller_name, v.seller_tax_no, v.purpose
  FROM jsonb_each(?2) i
 CROSS JOIN invoice v
    ON v.tax_id = ?1 AND v.number = i.value ->> 'number' AND v.code = i.value ->> 'code'
  LEFT JOIN invoice_hold h
    ON h.tax_id = v.tax_id AND h.number = v.number AND h.code = v.code
