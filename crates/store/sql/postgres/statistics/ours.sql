-- What the pool has selected, by period, type and purpose. No index has `selection` or `period`, so
-- that settlements stay HOT: a buyer's invoices are read by its key.
SELECT i.n, v.period, v.invoice_type, v.purpose, count(*) AS count,
       sum(v.amount)::bigint AS amount, sum(v.tax)::bigint AS tax
  FROM unnest($1::text[], $2::int[]) WITH ORDINALITY i(tax_no, period, n)
  JOIN taxpayer p ON p.tax_no = i.tax_no
  JOIN invoice v ON v.tax_id = p.id
 WHERE v.selection IN ('selected', 'certified', 'scan_certified')
   AND v.period IS NOT NULL
   AND (i.period IS NULL OR v.period = i.period)
 GROUP BY i.n, v.period, v.invoice_type, v.purpose
