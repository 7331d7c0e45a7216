-- What the pool has selected for a period of each, by type and purpose; as statistics/ours.
SELECT i.n, v.period, v.invoice_type, v.purpose, count(*) AS count,
       sum(v.amount)::bigint AS amount, sum(v.tax)::bigint AS tax
  FROM unnest($1::int[], $2::int[]) WITH ORDINALITY i(tax_id, period, n)
  JOIN invoice v ON v.tax_id = i.tax_id
 WHERE v.selection IN ('selected', 'certified', 'scan_certified')
   AND v.period = i.period
 GROUP BY i.n, v.period, v.invoice_type, v.purpose
