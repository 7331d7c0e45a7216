-- These lanes with their gates.
SELECT g.id, g.bureau, g.account, g.channel, g.width, g.owner,
       g.paused_by, g.paused_reason, g.paused_since, g.needs_person, g.throttled_until,
       g.current_tax_id, g.version, a.login, a.online, a.epoch,
       l.full_since
  FROM lane_gate g
  JOIN lane l ON l.id = g.id
  LEFT JOIN account a ON a.lane_id = g.id
 WHERE g.id IN (SELECT i.value FROM json_each(?1) i)
 ORDER BY g.id
