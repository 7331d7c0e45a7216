-- Whatever is older is over: committed and seen by the next statement, or undone.
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint
