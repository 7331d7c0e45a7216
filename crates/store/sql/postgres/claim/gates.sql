SELECT g.id, g.bureau, g.account, g.owner, g.paused_by, g.paused_reason, g.paused_since,
       coalesce(g.needs_person, false) AS needs_person,
       g.throttled_until, g.current_tax_id, g.switch_free_at
  FROM lane_gate g
 WHERE g.id = ANY ($1::int[])
