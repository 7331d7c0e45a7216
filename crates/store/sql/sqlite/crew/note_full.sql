-- Only its owner says so. No gate changes: what waits may start.
UPDATE lane
   SET full_since = CASE WHEN ?3 THEN coalesce(full_since, ?4) END
 WHERE id = ?2 AND owner = ?1
