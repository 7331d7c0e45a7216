SELECT body, version, ran_until
  FROM automatic_rule
 ORDER BY rule_id COLLATE "C"
