INSERT INTO worker (name, version, enlisted_at, alive_until) VALUES (?1, ?2, ?3, ?4)
RETURNING id
