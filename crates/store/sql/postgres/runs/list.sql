-- A page, newest first.
SELECT head
  FROM run
 WHERE $1::timestamptz IS NULL OR (created_at, run_id COLLATE "C") < ($1, $2::text)
 ORDER BY created_at DESC, run_id COLLATE "C" DESC
 LIMIT $3
