SELECT asked, created_at
  FROM batch_request
 WHERE batch_id = $1
