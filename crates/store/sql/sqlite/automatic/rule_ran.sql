UPDATE automatic_rule SET ran_until = ?2 WHERE rule_id = ?1
