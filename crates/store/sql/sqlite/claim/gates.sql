SELECT g.id, g.bureau, g.account, g.width, g.owner, g.paused_by, g.paused_reason, g.paused_since,
       g.needs_person, g.throttled_until, g.current_tax_id, g.switch_free_at
  FROM json_each(?1) i
 CROSS JOIN lane_gate g ON g.id = i.value
