-- `by` NULL opens it. The lanes that serve it are told to look again.
WITH tax AS (
    UPDATE taxpayer p
       SET paused_by     = $2,
           paused_reason = $3,
           paused_since  = CASE WHEN $2::text IS NOT NULL THEN clock_timestamp() END
     WHERE p.tax_no = $1
    RETURNING p.id)
UPDATE lane l
   SET changed = pg_current_xact_id()
  FROM (SELECT k.id FROM tax JOIN serves s ON s.tax_id = tax.id JOIN lane k ON k.id = s.lane_id
         ORDER BY k.id FOR NO KEY UPDATE OF k) i
 WHERE l.id = i.id
RETURNING l.id
