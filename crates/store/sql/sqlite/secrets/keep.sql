INSERT INTO secret (name, sealed, changed_at)
VALUES (?1, ?2, ?3)
    ON CONFLICT (name) DO UPDATE
   SET sealed = excluded.sealed, changed_at = excluded.changed_at
