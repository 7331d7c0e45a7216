-- What the outcomes change in the pool; invoices that it does not know are left alone.
-- An invoice is in one unfinished task at most, so that settlements do not wait for each other
-- here, in whatever order they go.
UPDATE invoice v
   SET selection = i.selection, period = i.period
  FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::int[])
       i(tax_id, number, code, selection, period)
 WHERE v.tax_id = i.tax_id AND v.number = i.number AND v.code = i.code
