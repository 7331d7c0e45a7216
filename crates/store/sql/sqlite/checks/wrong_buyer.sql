-- Its accounting organisation is some taxpayer's, and not its buyer's. Which organisations a buyer's
-- invoices have is found by one step of the index for each; only those that are wrong are read.
  WITH RECURSIVE pair (tax_id, org) AS (
       SELECT b.value,
              (SELECT min(v.accounting_org)
                 FROM invoice v
                WHERE v.tax_id = b.value AND v.accounting_org <> '')
         FROM json_each(?2) b
        UNION ALL
       SELECT pair.tax_id,
              (SELECT min(v.accounting_org)
                 FROM invoice v
                WHERE v.tax_id = pair.tax_id AND v.accounting_org <> ''
                  AND v.accounting_org > pair.org)
         FROM pair
        WHERE pair.org IS NOT NULL
       ),
       wrong AS MATERIALIZED (
       SELECT pair.tax_id, pair.org
         FROM pair
        CROSS JOIN taxpayer p ON p.id = pair.tax_id
        WHERE pair.org <> p.tax_org
          AND EXISTS (SELECT 1 FROM taxpayer o WHERE o.tax_org = pair.org)
          AND (?3 IS NULL OR pair.org = ?3)
          AND (?9 IS NULL OR pair.org IN (SELECT value FROM json_each(?9)))
       )
SELECT v.tax_id, v.number, v.code, v.amount, v.tax
  FROM wrong w
 CROSS JOIN invoice v
         ON v.tax_id = w.tax_id AND v.accounting_org = w.org AND v.accounting_org <> ''
 WHERE (v.selection NOT IN ('selected', 'certified', 'scan_certified') OR v.period = ?1)
   AND (?4 IS NULL
        OR (v.tax_id, coalesce(v.date, '0001-01-01'), v.number, v.code) > (?4, ?5, ?6, ?7))
 ORDER BY v.tax_id, coalesce(v.date, '0001-01-01'), v.number, v.code
 LIMIT ?8
