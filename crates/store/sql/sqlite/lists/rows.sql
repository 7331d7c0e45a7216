SELECT body
  FROM list_row
 WHERE list_id = ?1 AND n > ?2 AND (?3 IS NULL OR result IN (SELECT value FROM json_each(?3)))
 ORDER BY n
 LIMIT ?4
