SELECT body, version, ran_until
  FROM automatic_rule
 WHERE rule_id = ?1
