-- What the pool has selected for a period, by type and purpose; as statistics/ours.
SELECT 1 AS n, v.period, v.invoice_type, v.purpose, count(*) AS count,
       sum(v.amount) AS amount, sum(v.tax) AS tax
  FROM invoice v
 WHERE v.tax_id = ?1
   AND v.selection IN ('selected', 'certified', 'scan_certified')
   AND v.period = ?2
 GROUP BY v.period, v.invoice_type, v.purpose
