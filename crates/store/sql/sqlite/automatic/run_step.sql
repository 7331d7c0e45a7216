-- Only by whoever holds it, and never back.
UPDATE automatic_run
   SET state = ?5, body = ?6
 WHERE rule_id = ?1 AND at = ?2 AND fence = ?3 AND state IN (SELECT value FROM json_each(?4))
