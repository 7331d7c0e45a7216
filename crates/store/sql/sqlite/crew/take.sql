-- Those that nobody alive owns, if whoever wants them is alive.
UPDATE lane
   SET owner = ?1
 WHERE id IN (SELECT value FROM json_each(?2))
   AND owner IS NOT ?1
   AND NOT EXISTS (SELECT 1 FROM worker o WHERE o.id = lane.owner AND o.alive_until > ?3)
   AND EXISTS (SELECT 1 FROM worker w WHERE w.id = ?1 AND w.alive_until > ?3)
RETURNING id
