SELECT g.id AS lane_id, a.login, a.online, coalesce(g.needs_person, false) AS needs_person
  FROM lane_gate g
  JOIN account a ON a.lane_id = g.id
 WHERE g.bureau = $1 AND g.account = $2
