-- These lanes with their gates.
SELECT g.id, g.bureau, g.account, g.channel, g.width, g.owner, g.paused_by, g.paused_reason,
       g.paused_since, g.needs_person, g.throttled_until, g.current_tax_id, g.full_since,
       g.changed::text::bigint AS version,
       a.login, a.online, a.epoch
  FROM lane_gate g
  LEFT JOIN account a ON a.lane_id = g.id
 WHERE g.id = ANY ($1::int[])
 ORDER BY g.id
