UPDATE lane l
   SET current_tax_id = NULL, changed = pg_current_xact_id()
 WHERE l.id = $1
