SELECT head
  FROM batch_request
 WHERE batch_id = $1
