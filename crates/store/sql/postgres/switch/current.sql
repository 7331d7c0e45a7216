-- The tax number that each lane's account is about to be on, and until when its budget is used up.
-- One that counts against no budget is no news: with such accounts it comes with nearly every task,
-- and so the row changes in place.
UPDATE lane l
   SET current_tax_id = i.tax_id,
       switch_free_at = i.free_at,
       changed        = CASE WHEN i.scarce THEN pg_current_xact_id() ELSE l.changed END
  FROM (SELECT k.id, u.tax_id, u.free_at, u.scarce
          FROM unnest($1::int[], $2::int[], $3::timestamptz[], $4::boolean[])
               u(id, tax_id, free_at, scarce)
          JOIN lane k USING (id)
         ORDER BY k.id
           FOR NO KEY UPDATE OF k) i
 WHERE l.id = i.id
