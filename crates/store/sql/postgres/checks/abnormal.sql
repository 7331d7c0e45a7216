-- Selected for the period, and reversed, void, out of control or of a risk by now.
SELECT v.tax_id, v.number, v.code, v.amount, v.tax
  FROM unnest($2::int[]) b(tax_id)
  JOIN invoice v ON v.tax_id + 0 = b.tax_id
 WHERE v.suspect
   AND v.period = $1
   AND v.selection IN ('selected', 'certified', 'scan_certified')
   AND ($3::text IS NULL OR v.accounting_org = $3)
   AND ($9::text[] IS NULL
        OR CASE v.accounting_org
             WHEN '' THEN (SELECT p.tax_org FROM taxpayer p WHERE p.id = v.tax_id)
             ELSE v.accounting_org
           END = ANY ($9))
   AND ($4::int IS NULL
        OR (v.tax_id + 0, coalesce(v.date, DATE '0001-01-01'), v.number COLLATE "C",
            v.code COLLATE "C") > ($4, $5::date, $6::text, $7::text))
 ORDER BY v.tax_id + 0, coalesce(v.date, DATE '0001-01-01'), v.number COLLATE "C",
          v.code COLLATE "C"
 LIMIT $8
