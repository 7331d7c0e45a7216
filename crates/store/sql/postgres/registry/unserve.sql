-- It may do nothing for the tax number any more. The row stays: it says that somebody ended it, and
-- where tasks stood.
WITH ended AS (
    UPDATE serves s
       SET may = '{}'
     WHERE s.tax_id = $1 AND s.lane_id = $2)
UPDATE lane l
   SET changed = pg_current_xact_id()
 WHERE l.id = $2
