-- A page, newest first.
SELECT head
  FROM batch_request
 WHERE (created_at, batch_id) < (?3, ?4)
   AND (?1 IS NULL OR state IN (SELECT value FROM json_each(?1)))
   AND (?2 IS NULL OR submitted_by = ?2)
 ORDER BY created_at DESC, batch_id DESC
 LIMIT ?5
