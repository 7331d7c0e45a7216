SELECT coalesce(sum(tax), 0)::bigint
  FROM automatic_try
 WHERE rule_id = $1 AND period = $2
