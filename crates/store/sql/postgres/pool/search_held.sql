-- As pool/search, of what unfinished tasks hold alone: they lead the way.
SELECT p.tax_no AS buyer_tax_no, p.tax_org, v.number, v.code, v.invoice_type::bigint AS invoice_type,
       v.date, v.amount, v.tax, v.status, v.risk, v.selection, v.period, v.special_kind,
       v.accounting_org, v.seller_name, v.seller_tax_no,
       (extract(epoch FROM v.collected_at) * 1000000)::bigint AS collected_at, v.verification,
       v.source, v.document_type, v.deductible, v.purpose, v.non_deduction_reason,
       v.non_deduction_text, v.entry_state, v.entry_period,
       (extract(epoch FROM v.entered_at) * 1000000)::bigint AS entered_at, v.entry_tax,
       v.transferred_out, v.transfer_reason, v.voucher_no, v.voucher_link, h.task_id AS held_by
  FROM invoice_hold h
  JOIN invoice v USING (tax_id, number, code)
  JOIN taxpayer p ON p.id = v.tax_id
 WHERE ($1::int IS NULL OR v.tax_id + 0 = $1)
   AND ($2::int[] IS NULL OR v.tax_id + 0 = ANY ($2))
   AND ($3::text IS NULL OR v.accounting_org = $3)
   AND ($4::smallint[] IS NULL OR v.invoice_type = ANY ($4))
   AND ($5::text[] IS NULL OR v.status = ANY ($5))
   -- The first of both asks no hold.
   AND ($6::text[] IS NULL OR v.selection = ANY ($6) OR 'selecting' = ANY ($6))
   AND ($6::text[] IS NULL OR v.selection = ANY ($6) AND h.task_id IS NULL
        OR h.task_id IS NOT NULL AND 'selecting' = ANY ($6))
   AND ($7::text[] IS NULL OR v.purpose = ANY ($7) OR v.purpose IS NULL AND '' = ANY ($7))
   AND ($8::boolean IS NULL OR v.deductible = $8)
   AND ($9::date IS NULL OR coalesce(v.date, DATE '0001-01-01') >= $9)
   AND ($10::date IS NULL OR coalesce(v.date, DATE '0001-01-01') <= $10)
   AND ($11::bigint IS NULL OR v.amount >= $11)
   AND ($12::bigint IS NULL OR v.amount <= $12)
   AND ($13::text[] IS NULL OR v.seller_name = ANY ($13))
   AND ($14::text IS NULL OR position($14 IN v.seller_name) > 0)
   AND ($15::text IS NULL OR v.number COLLATE "C" >= $15 AND v.number COLLATE "C" < $16)
   AND ($17::text[] IS NULL OR v.entry_state = ANY ($17))
   AND ($18::text[] IS NULL
        OR CASE v.accounting_org WHEN '' THEN p.tax_org ELSE v.accounting_org END = ANY ($18))
   AND ($19::date IS NULL
        OR (coalesce(v.date, DATE '0001-01-01'), v.number COLLATE "C", v.code COLLATE "C", v.tax_id)
           < ($19, $20::text, $21::text, $22::int))
 ORDER BY coalesce(v.date, DATE '0001-01-01') DESC, v.number COLLATE "C" DESC,
          v.code COLLATE "C" DESC, v.tax_id DESC
 LIMIT $23
