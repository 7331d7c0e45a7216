-- Unless it is there, or there are too many.
INSERT INTO automatic_rule (rule_id, body, version, ran_until)
SELECT $1, $2, 1, $3
 WHERE (SELECT count(*) FROM automatic_rule) < $4
    ON CONFLICT DO NOTHING
