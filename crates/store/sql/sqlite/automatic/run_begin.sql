-- Unless it ran for this time, or another run of the rule has not ended.
INSERT INTO automatic_run (rule_id, at, state, fence, lease_until, body)
VALUES (?1, ?2, 'choosing', 1, ?3, ?4)
    ON CONFLICT DO NOTHING
