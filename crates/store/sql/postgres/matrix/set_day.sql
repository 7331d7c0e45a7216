INSERT INTO filing_day (period, bureau, day, by, reason)
VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (period, bureau) DO UPDATE
   SET day = excluded.day, by = excluded.by, reason = excluded.reason, at = clock_timestamp()
