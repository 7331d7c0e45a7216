SELECT body
  FROM list_row
 WHERE list_id = $1 AND n > $2 AND ($3::text[] IS NULL OR result = ANY ($3))
 ORDER BY n
 LIMIT $4
