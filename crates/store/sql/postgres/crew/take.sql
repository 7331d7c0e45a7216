-- Lanes that nobody alive owns, for a worker that is alive itself. In key order: two workers may
-- want the same ones.
UPDATE lane l
   SET owner = $1, changed = pg_current_xact_id()
  FROM (SELECT k.id
          FROM lane k
         WHERE k.id = ANY ($2::int[])
           AND k.owner IS DISTINCT FROM $1
           AND NOT EXISTS (SELECT 1 FROM worker o
                            WHERE o.id = k.owner AND o.alive_until > clock_timestamp())
           AND EXISTS (SELECT 1 FROM worker w
                        WHERE w.id = $1 AND w.alive_until > clock_timestamp())
         ORDER BY k.id
           FOR NO KEY UPDATE) i
 WHERE l.id = i.id
