-- The newest takes the place of the one before.
INSERT INTO resync (tax_id, period, by, tasks)
VALUES ($1, $2, $3, $4)
    ON CONFLICT (tax_id, period) DO UPDATE
   SET by = excluded.by, tasks = excluded.tasks, asked_at = clock_timestamp()
