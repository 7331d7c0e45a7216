SELECT 1
  FROM automatic_run
 WHERE rule_id = $1 AND at = $2 AND fence = $3 AND state = 'choosing'
   FOR UPDATE
