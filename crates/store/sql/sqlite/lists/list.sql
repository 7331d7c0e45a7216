-- A page, newest first.
SELECT head
  FROM list_import
 WHERE (created_at, list_id) < (?1, ?2)
 ORDER BY created_at DESC, list_id DESC
 LIMIT ?3
