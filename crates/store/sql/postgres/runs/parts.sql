-- A page, by tax number.
SELECT part
  FROM run_part
 WHERE run_id = $1
   AND ($2::text[] IS NULL OR state = ANY ($2))
   AND ($3::text IS NULL OR tax_no > $3)
 ORDER BY tax_no
 LIMIT $4
