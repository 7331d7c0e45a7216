-- A page of invoices, oldest first, along the index until it is full.
SELECT p.tax_no, v.number, v.code, v.invoice_type, v.date, v.amount, v.tax, v.status, v.risk,
       v.selection, v.period, v.special_kind, h.task_id AS held_by, v.collected_at, v.purpose,
       EXISTS (SELECT 1
                 FROM automatic_try t
                WHERE t.rule_id = ?1 AND t.tax_id = v.tax_id AND t.number = v.number
                  AND t.code = v.code) AS tried
  FROM invoice v
 CROSS JOIN taxpayer p ON p.id = v.tax_id
  LEFT JOIN invoice_hold h
    ON h.tax_id = v.tax_id AND h.number = v.number AND h.code = v.code
 WHERE ?2 IS NULL
   AND (?3 IS NULL OR v.tax_id IN (SELECT value FROM json_each(?3)))
   AND (?4 IS NULL OR v.accounting_org IN (SELECT value FROM json_each(?4)))
   AND (?5 IS NULL OR v.source IN (SELECT value FROM json_each(?5)))
   AND (?6 IS NULL OR v.document_type IN (SELECT value FROM json_each(?6)))
   AND (?7 IS NULL OR v.invoice_type IN (SELECT value FROM json_each(?7)))
   AND (?8 IS NULL OR v.selection IN (SELECT value FROM json_each(?8)))
   AND (?9 IS NULL OR v.entry_state = ?9)
   AND (?10 IS NULL OR v.deductible = ?10)
   AND coalesce(v.date, '0001-01-01') >= ?11
   AND coalesce(v.date, '0001-01-01') <= ?12
   AND (?13 IS NULL OR v.amount >= ?13)
   AND (?14 IS NULL OR v.amount <= ?14)
   AND (?20 IS NULL
        OR iif(v.accounting_org = '', p.tax_org, v.accounting_org)
           IN (SELECT value FROM json_each(?20)))
   AND (coalesce(v.date, '0001-01-01'), v.number, v.code, v.tax_id) > (?15, ?16, ?17, ?18)
 ORDER BY coalesce(v.date, '0001-01-01'), v.number, v.code, v.tax_id
 LIMIT ?19
