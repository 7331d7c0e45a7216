UPDATE automatic_run
   SET fence = fence + 1, lease_until = ?2
 WHERE (rule_id, at) IN (SELECT l.rule_id, l.at
                           FROM automatic_run l
                          WHERE l.state <> 'ended' AND l.lease_until < ?1
                          ORDER BY l.rule_id
                          LIMIT ?3)
RETURNING body, fence
