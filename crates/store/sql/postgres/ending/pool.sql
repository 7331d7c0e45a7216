-- What the outcomes change in the pool; invoices that it does not know are left alone.
-- Locked in key order first: two settlements may touch the same invoices.
UPDATE invoice v
   SET selection = i.selection, period = i.period
  FROM (SELECT p.tax_id, p.number, p.code, u.selection, u.period
          FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::int[])
               u(tax_id, number, code, selection, period)
          JOIN invoice p USING (tax_id, number, code)
         ORDER BY p.tax_id, p.number, p.code
           FOR NO KEY UPDATE OF p) i
 WHERE v.tax_id = i.tax_id AND v.number = i.number AND v.code = i.code
