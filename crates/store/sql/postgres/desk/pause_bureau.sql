INSERT INTO bureau_pause (bureau, by, reason)
VALUES ($1, $2, $3)
    ON CONFLICT (bureau) DO UPDATE
   SET by = excluded.by, reason = excluded.reason, since = excluded.since
