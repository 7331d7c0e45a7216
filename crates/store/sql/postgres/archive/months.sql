-- Partitions ahead of time.
SELECT count(*) FILTER (WHERE ensure_month(now() + make_interval(months => ahead)))
  FROM generate_series(0, 2) ahead
