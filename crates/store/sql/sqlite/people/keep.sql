-- Without a token the earlier one stays: such a user is known.
INSERT INTO person (name, grants, token_hash, changed_at)
VALUES (?1, ?2, coalesce(?3, (SELECT token_hash FROM person WHERE name = ?1)), ?4)
    ON CONFLICT (name) DO UPDATE
   SET grants = excluded.grants, token_hash = excluded.token_hash, changed_at = excluded.changed_at
