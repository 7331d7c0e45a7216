SELECT (SELECT count(*) FROM running) AS running,
       (SELECT count(*) FROM parked) AS parked,
       (SELECT count(*) FROM outbox) AS outbox,
       clock_timestamp() AS now,
       (SELECT max(version) FROM _sqlx_migrations) AS schema_version
