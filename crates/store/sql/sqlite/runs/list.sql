-- A page, newest first.
SELECT head
  FROM run
 WHERE created_at <= ?1 AND (created_at < ?1 OR run_id < ?2)
 ORDER BY created_at DESC, run_id DESC
 LIMIT ?3
