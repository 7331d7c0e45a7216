-- What the pool has under these numbers, whoever bought it.
SELECT i.n - 1 AS n, p.tax_no AS buyer, v.accounting_org,
       v.number, v.code, v.invoice_type::bigint AS invoice_type, v.date, v.amount, v.tax, v.status,
       v.risk, v.selection, v.period, v.special_kind, h.task_id AS held_by
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY i(number, code, n)
  JOIN invoice v ON v.number COLLATE "C" = i.number AND v.code = i.code
  JOIN taxpayer p ON p.id = v.tax_id
  LEFT JOIN invoice_hold h
    ON h.tax_id = v.tax_id AND h.number = v.number AND h.code = v.code
 ORDER BY i.n, p.tax_no
