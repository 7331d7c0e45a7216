INSERT INTO secret (name, sealed)
SELECT i.name, i.sealed
  FROM unnest($1::text[], $2::bytea[]) i(name, sealed)
    ON CONFLICT (name) DO UPDATE
   SET sealed = excluded.sealed, changed_at = clock_timestamp()
