-- What a download may change of these invoices, whoever holds them. Locked in the order of their keys.
SELECT v.number, v.code, v.invoice_type::bigint AS invoice_type, v.date, v.amount, v.tax, v.status,
       v.risk, v.selection, v.period, v.special_kind, NULL::uuid AS held_by, v.seller_name,
       v.seller_tax_no, v.purpose, v.non_deduction_reason, v.non_deduction_text
  FROM (SELECT $1::int AS tax_id, u.number, u.code
          FROM unnest($2::text[], $3::text[]) u(number, code)
        -- Apart from the rest, so that each goes by the whole key (ADR 5).
        OFFSET 0) i
  JOIN invoice v ON v.tax_id = i.tax_id AND v.number = i.number AND v.code = i.code
 ORDER BY v.number, v.code
   FOR NO KEY UPDATE OF v
