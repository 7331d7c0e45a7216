-- Newest first.
SELECT body
  FROM automatic_run
 WHERE rule_id = $1 AND at < $2
 ORDER BY at DESC
 LIMIT $3
