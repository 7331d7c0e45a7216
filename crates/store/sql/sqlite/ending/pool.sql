-- What the outcomes change in the pool; invoices that it does not know are left alone.
UPDATE invoice
   SET selection = i.selection, period = i.period
  FROM (SELECT value ->> 'tax_id'    AS tax_id,
               value ->> 'number'    AS number,
               value ->> 'code'      AS code,
               value ->> 'selection' AS selection,
               value ->> 'period'    AS period
          FROM jsonb_each(?1)) i
 WHERE invoice.tax_id = i.tax_id AND invoice.number = i.number AND invoice.code = i.code
