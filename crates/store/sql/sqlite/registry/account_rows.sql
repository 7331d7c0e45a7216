-- A page of accounts, by bureau and name.
SELECT g.bureau, g.account, a.login, a.online, g.needs_person,
       (SELECT count(*) FROM serves s WHERE s.lane_id = g.id AND s.may <> '[]') AS serves
  FROM lane_gate g
  JOIN account a ON a.lane_id = g.id
 WHERE (g.bureau, g.account) > (?1, ?2)
   AND (?3 IS NULL OR g.bureau = ?3)
   AND (?4 IS NULL OR substr(g.account, 1, length(?4)) = ?4)
   AND (?5 IS NULL OR a.login = ?5)
   AND (?6 IS NULL OR a.online = ?6)
   AND (?7 IS NULL OR g.needs_person = ?7)
 ORDER BY g.bureau, g.account
 LIMIT ?8
