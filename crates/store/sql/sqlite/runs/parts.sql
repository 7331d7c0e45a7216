-- A page, by tax number.
SELECT part
  FROM run_part
 WHERE run_id = ?1
   AND (?2 IS NULL OR state IN (SELECT value FROM json_each(?2)))
   AND tax_no > ?3
 ORDER BY tax_no
 LIMIT ?4
