INSERT INTO bureau_pause (bureau, by, reason, since) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (bureau) DO UPDATE
   SET by = excluded.by, reason = excluded.reason, since = excluded.since
