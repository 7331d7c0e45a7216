UPDATE automatic_run r
   SET fence = r.fence + 1, lease_until = clock_timestamp() + $1
  FROM (SELECT l.rule_id, l.at
          FROM automatic_run l
         WHERE l.state <> 'ended' AND l.lease_until < clock_timestamp()
         ORDER BY l.rule_id
         LIMIT $2
           FOR UPDATE SKIP LOCKED) left_alone
 WHERE r.rule_id = left_alone.rule_id AND r.at = left_alone.at
RETURNING r.body, r.fence
