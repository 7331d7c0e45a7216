-- Whoever else begins a run of the rule waits.
SELECT ran_until
  FROM automatic_rule
 WHERE rule_id = $1 AND version = $2
   FOR UPDATE
