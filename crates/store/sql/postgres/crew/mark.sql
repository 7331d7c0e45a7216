-- Whatever is older than `place` is over: committed and seen by the next statement, or undone.
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS place,
       (SELECT coalesce(max(version), 0) FROM lane) AS version
