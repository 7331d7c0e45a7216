SELECT w.id, w.name, w.version, w.alive_until > clock_timestamp() AS alive, w.leaving
  FROM worker w
 WHERE w.alive_until > clock_timestamp() - interval '10 minutes'
 ORDER BY w.id
