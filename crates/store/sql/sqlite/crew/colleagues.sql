-- Whoever has been dead for an hour is forgotten.
SELECT id, name, version, alive_until > ?1 AS alive, leaving
  FROM worker
 WHERE alive_until > ?1 - 3600000000
 ORDER BY id
