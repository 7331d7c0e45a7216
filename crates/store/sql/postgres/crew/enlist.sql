INSERT INTO worker (name, version, alive_until)
VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3))
RETURNING id
