INSERT INTO filing_day (period, bureau, day, by, reason, at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT (period, bureau) DO UPDATE
   SET day = excluded.day, by = excluded.by, reason = excluded.reason, at = excluded.at
