-- Only over the version that was read.
UPDATE automatic_rule
   SET body = $3, version = version + 1, ran_until = greatest(ran_until, $4)
 WHERE rule_id = $1 AND version = $2
