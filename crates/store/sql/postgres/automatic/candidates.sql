-- A page of invoices, oldest first. Planned anew for its rule each time, as pool/search.
SELECT p.tax_no, v.number, v.code, v.invoice_type::bigint AS invoice_type, v.date, v.amount, v.tax,
       v.status, v.risk, v.selection, v.period, v.special_kind, h.task_id AS held_by,
       (extract(epoch FROM v.collected_at) * 1000000)::bigint AS collected_at, v.purpose,
       EXISTS (SELECT 1
                 FROM automatic_try t
                WHERE t.rule_id = $1 AND t.tax_id = v.tax_id AND t.number = v.number
                  AND t.code = v.code) AS tried
  FROM invoice v
  JOIN taxpayer p ON p.id = v.tax_id
  LEFT JOIN invoice_hold h USING (tax_id, number, code)
 WHERE ($2::int IS NULL OR v.tax_id + 0 = $2)
   AND ($3::int[] IS NULL OR v.tax_id + 0 = ANY ($3))
   AND ($4::text[] IS NULL OR v.accounting_org = ANY ($4))
   AND ($5::text[] IS NULL OR v.source = ANY ($5))
   AND ($6::text[] IS NULL OR v.document_type = ANY ($6))
   AND ($7::smallint[] IS NULL OR v.invoice_type = ANY ($7))
   AND ($8::text[] IS NULL OR v.selection = ANY ($8))
   AND ($9::text IS NULL OR v.entry_state = $9)
   AND ($10::boolean IS NULL OR v.deductible = $10)
   AND ($11::date IS NULL OR coalesce(v.date, DATE '0001-01-01') >= $11)
   AND ($12::date IS NULL OR coalesce(v.date, DATE '0001-01-01') <= $12)
   AND ($13::bigint IS NULL OR v.amount >= $13)
   AND ($14::bigint IS NULL OR v.amount <= $14)
   AND ($20::text[] IS NULL
        OR CASE v.accounting_org WHEN '' THEN p.tax_org ELSE v.accounting_org END = ANY ($20))
   AND ($15::date IS NULL
        OR (coalesce(v.date, DATE '0001-01-01'), v.number COLLATE "C", v.code COLLATE "C", v.tax_id)
           > ($15, $16::text, $17::text,
              (SELECT b.id FROM taxpayer b WHERE b.tax_no = $18::text)))
 ORDER BY coalesce(v.date, DATE '0001-01-01'), v.number COLLATE "C", v.code COLLATE "C", v.tax_id
 LIMIT $19
