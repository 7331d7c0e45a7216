-- The newest stay, ?2 of them; and what has not ended.
DELETE FROM automatic_run
 WHERE rule_id = ?1
   AND state = 'ended'
   AND at <= (SELECT r.at FROM automatic_run r WHERE r.rule_id = ?1 ORDER BY r.at DESC LIMIT 1 OFFSET ?2)
