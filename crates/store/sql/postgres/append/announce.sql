-- Says that tasks of these tax numbers are being logged, until the transaction ends. Appends do
-- not hinder each other; claim/being_logged finds it.
SELECT pg_advisory_xact_lock_shared($1, i.mark)
  FROM unnest($2::int[]) i(mark)
