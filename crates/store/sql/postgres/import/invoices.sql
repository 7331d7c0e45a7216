-- The bureau's facts. What is selected, and for which period, stays (import/selections), and so
-- do the details (import/details), and organisation and seller where the file does not say them.
INSERT INTO invoice (tax_id, number, code, invoice_type, date, amount, tax, status, risk,
                     selection, special_kind, accounting_org, seller_name, seller_tax_no)
SELECT p.id, i.number, i.code, i.invoice_type, i.date, i.amount, i.tax, i.status, i.risk,
       'unselected', i.special_kind, i.accounting_org, i.seller_name, i.seller_tax_no
  FROM unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::date[], $6::bigint[],
              $7::bigint[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],
              $13::text[])
       i(tax_no, number, code, invoice_type, date, amount, tax, status, risk, special_kind,
         accounting_org, seller_name, seller_tax_no)
  JOIN taxpayer p USING (tax_no)
 ORDER BY p.id, i.number, i.code
    ON CONFLICT (tax_id, number, code) DO UPDATE
   SET invoice_type   = excluded.invoice_type,
       date           = excluded.date,
       amount         = excluded.amount,
       tax            = excluded.tax,
       status         = excluded.status,
       risk           = excluded.risk,
       special_kind   = excluded.special_kind,
       accounting_org = coalesce(nullif(excluded.accounting_org, ''), invoice.accounting_org),
       seller_name    = coalesce(nullif(excluded.seller_name, ''), invoice.seller_name),
       seller_tax_no  = coalesce(nullif(excluded.seller_tax_no, ''), invoice.seller_tax_no)
