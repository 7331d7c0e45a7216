UPDATE lane l
   SET owner = NULL, changed = pg_current_xact_id()
  FROM (SELECT k.id FROM lane k WHERE k.id = ANY ($2::int[]) AND k.owner = $1
         ORDER BY k.id FOR NO KEY UPDATE) i
 WHERE l.id = i.id
