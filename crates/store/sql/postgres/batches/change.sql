-- Only over the version that was read.
UPDATE batch_request
   SET state = $3, head = $4, version = version + 1, tasks = $5, changed_at = clock_timestamp()
 WHERE batch_id = $1 AND version = $2
