-- `by` NULL opens it.
UPDATE lane l
   SET paused_by     = $3,
       paused_reason = $4,
       paused_since  = CASE WHEN $3::text IS NOT NULL THEN clock_timestamp() END,
       changed       = pg_current_xact_id()
 WHERE l.bureau = $1 AND l.account = $2
RETURNING l.id
