UPDATE automatic_run
   SET lease_until = ?4
 WHERE rule_id = ?1 AND at = ?2 AND fence = ?3 AND state <> 'ended'
