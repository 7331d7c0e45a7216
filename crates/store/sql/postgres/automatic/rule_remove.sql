DELETE FROM automatic_rule WHERE rule_id = $1 AND version = $2
