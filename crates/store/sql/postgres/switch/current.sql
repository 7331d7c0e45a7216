-- The tax number that each lane's account is about to be on, and until when its budget is used up.
UPDATE lane l
   SET current_tax_id = i.tax_id, switch_free_at = i.free_at, version = nextval('gate_version')
  FROM (SELECT k.id, u.tax_id, u.free_at
          FROM unnest($1::int[], $2::int[], $3::timestamptz[]) u(id, tax_id, free_at)
          JOIN lane k USING (id)
         ORDER BY k.id
           FOR NO KEY UPDATE OF k) i
 WHERE l.id = i.id
