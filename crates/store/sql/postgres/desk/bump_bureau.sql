UPDATE lane l
   SET changed = pg_current_xact_id()
 WHERE l.bureau = $1
RETURNING l.id
