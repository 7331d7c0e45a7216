-- Selected for the period, and reversed, void, out of control or of a risk by now.
SELECT v.tax_id, v.number, v.code, v.amount, v.tax
  FROM json_each(?2) b
 CROSS JOIN invoice v ON v.tax_id = b.value
 WHERE (v.status NOT IN ('normal', 'partly_reversed') OR v.risk NOT IN ('', 'normal'))
   AND v.period = ?1
   AND v.selection IN ('selected', 'certified', 'scan_certified')
   AND (?3 IS NULL OR v.accounting_org = ?3)
   AND (?9 IS NULL
        OR iif(v.accounting_org = '', (SELECT p.tax_org FROM taxpayer p WHERE p.id = v.tax_id),
               v.accounting_org) IN (SELECT value FROM json_each(?9)))
   AND (?4 IS NULL
        OR (v.tax_id, coalesce(v.date, '0001-01-01'), v.number, v.code) > (?4, ?5, ?6, ?7))
 ORDER BY v.tax_id, coalesce(v.date, '0001-01-01'), v.number, v.code
 LIMIT ?8
