-- Only by whoever holds it, and never back.
UPDATE automatic_run
   SET state = $5, body = $6
 WHERE rule_id = $1 AND at = $2 AND fence = $3 AND state = ANY ($4::text[])
