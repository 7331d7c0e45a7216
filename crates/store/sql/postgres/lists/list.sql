-- A page, newest first.
SELECT head
  FROM list_import
 WHERE $1::timestamptz IS NULL OR (created_at, list_id COLLATE "C") < ($1, $2::text)
 ORDER BY created_at DESC, list_id COLLATE "C" DESC
 LIMIT $3
