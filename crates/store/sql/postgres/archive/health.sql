SELECT (SELECT count(*) FROM running) AS running,
       (SELECT count(*) FROM parked) AS parked,
       (SELECT count(*) FROM outbox) AS outbox,
       (SELECT count(*) FROM lane WHERE full_since IS NOT NULL) AS full_lanes,
       clock_timestamp() AS now,
       (SELECT max(version) FROM _sqlx_migrations) AS schema_version
