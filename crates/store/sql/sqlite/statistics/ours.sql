-- What the pool has selected, by period, type and purpose.
SELECT i.key + 1 AS n, v.period, v.invoice_type, v.purpose, count(*) AS count,
       sum(v.amount) AS amount, sum(v.tax) AS tax
  FROM json_each(?1) i
 CROSS JOIN taxpayer p ON p.tax_no = i.value ->> '$[0]'
 CROSS JOIN invoice v ON v.tax_id = p.id
 WHERE v.selection IN ('selected', 'certified', 'scan_certified')
   AND v.period IS NOT NULL
   AND (i.value ->> '$[1]' IS NULL OR v.period = i.value ->> '$[1]')
 GROUP BY i.key, v.period, v.invoice_type, v.purpose
