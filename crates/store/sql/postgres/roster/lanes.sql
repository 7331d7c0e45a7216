-- Lanes whose gates changed after a version, with the switches of the last rolling day (and the
-- margin that the budget adds).
SELECT g.id, g.bureau, g.account, g.channel, g.width, g.owner, g.paused_by, g.paused_reason,
       g.paused_since, g.needs_person, g.throttled_until, g.current_tax_id, g.version,
       a.login, a.online, a.epoch, l.full_since,
       ARRAY (SELECT s.at
                FROM account_switch s
               WHERE s.lane_id = g.id AND s.at > now() - interval '25 hours'
               ORDER BY s.at) AS switches
  FROM lane_gate g
  JOIN lane l ON l.id = g.id
  LEFT JOIN account a ON a.lane_id = g.id
 WHERE g.version > $1
 ORDER BY g.id
