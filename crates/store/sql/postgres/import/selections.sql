-- What a file says of selections; a period goes with what has none. Rows are locked since
-- import/invoices.
UPDATE invoice v
   SET selection = i.selection, period = CASE WHEN i.has_period THEN v.period END
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bool[])
       i(tax_no, number, code, selection, has_period)
  JOIN taxpayer p USING (tax_no)
 WHERE v.tax_id = p.id AND v.number = i.number AND v.code = i.code
