-- What the pool knows of these invoices, and which task holds each.
SELECT i.n - 1 AS n, v.number, v.code, v.invoice_type::bigint AS invoice_type, v.date, v.amount,
       v.tax, v.status, v.risk, v.selection, v.period, v.special_kind, h.task_id AS held_by
  FROM unnest($1::int[], $2::text[], $3::text[]) WITH ORDINALITY i(tax_id, number, code, n)
  JOIN invoice v USING (tax_id, number, code)
  LEFT JOIN invoice_hold h USING (tax_id, number, code)
