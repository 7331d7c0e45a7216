-- The bureau's facts. What is selected, and for which period, stays (import/selections), and so
-- do the details (import/details), and organisation and seller where the file does not say them.
INSERT INTO invoice (tax_id, number, code, invoice_type, date, amount, tax, status, risk, selection,
                     special_kind, accounting_org, seller_name, seller_tax_no)
SELECT p.id, i.value ->> 'number', i.value ->> 'code', i.value ->> 'invoice_type',
       i.value ->> 'date', i.value ->> 'amount', i.value ->> 'tax', i.value ->> 'status',
       i.value ->> 'risk', 'unselected', i.value ->> 'special_kind',
       i.value ->> 'accounting_org', i.value ->> 'seller_name', i.value ->> 'seller_tax_no'
  FROM jsonb_each(?1) i
 CROSS JOIN taxpayer p ON p.tax_no = i.value ->> 'tax_no'
 WHERE true
    ON CONFLICT (tax_id, number, code) DO UPDATE
   SET invoice_type = excluded.invoice_type, date = excluded.date, amount = excluded.amount,
       tax = excluded.tax, status = excluded.status, risk = excluded.risk,
       special_kind = excluded.special_kind,
       accounting_org = coalesce(nullif(excluded.accounting_org, ''), invoice.accounting_org),
       seller_name = coalesce(nullif(excluded.seller_name, ''), invoice.seller_name),
       seller_tax_no = coalesce(nullif(excluded.seller_tax_no, ''), invoice.seller_tax_no)
