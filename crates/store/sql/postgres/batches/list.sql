-- A page, newest first.
SELECT head
  FROM batch_request
 WHERE ($1::text[] IS NULL OR state = ANY ($1))
   AND ($2::text IS NULL OR submitted_by = $2)
   AND ($3::timestamptz IS NULL OR (created_at, batch_id COLLATE "C") < ($3, $4::text))
 ORDER BY created_at DESC, batch_id COLLATE "C" DESC
 LIMIT $5
