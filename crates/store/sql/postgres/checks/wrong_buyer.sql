-- Its accounting organisation is some taxpayer's, and not its buyer's. Which organisations a buyer's
-- invoices have is found by one step of the index for each; only those that are wrong are read.
  WITH RECURSIVE pair AS (
       SELECT b.tax_id,
              (SELECT min(v.accounting_org)
                 FROM invoice v
                WHERE v.tax_id + 0 = b.tax_id AND v.accounting_org <> '') AS org
         FROM unnest($2::int[]) b(tax_id)
        UNION ALL
       SELECT pair.tax_id,
              (SELECT min(v.accounting_org)
                 FROM invoice v
                WHERE v.tax_id + 0 = pair.tax_id AND v.accounting_org <> ''
                  AND v.accounting_org > pair.org)
         FROM pair
        WHERE pair.org IS NOT NULL
       ),
       wrong AS (
       SELECT pair.tax_id, pair.org
         FROM pair
         JOIN taxpayer p ON p.id = pair.tax_id
        WHERE pair.org <> p.tax_org
          AND EXISTS (SELECT FROM taxpayer o WHERE o.tax_org = pair.org)
          AND ($3::text IS NULL OR pair.org = $3)
          AND ($9::text[] IS NULL OR pair.org = ANY ($9))
       )
SELECT v.tax_id, v.number, v.code, v.amount, v.tax
  FROM wrong w
  JOIN invoice v ON v.tax_id + 0 = w.tax_id AND v.accounting_org = w.org AND v.accounting_org <> ''
 WHERE (v.selection NOT IN ('selected', 'certified', 'scan_certified') OR v.period = $1)
   AND ($4::int IS NULL
        OR (v.tax_id + 0, coalesce(v.date, DATE '0001-01-01'), v.number COLLATE "C",
            v.code COLLATE "C") > ($4, $5::date, $6::text, $7::text))
 ORDER BY v.tax_id + 0, coalesce(v.date, DATE '0001-01-01'), v.number COLLATE "C",
          v.code COLLATE "C"
 LIMIT $8
