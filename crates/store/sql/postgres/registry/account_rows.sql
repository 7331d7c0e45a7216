-- A page of accounts, by bureau and name.
SELECT g.bureau, g.account, a.login, a.online, coalesce(g.needs_person, false) AS needs_person,
       (SELECT count(*) FROM serves s WHERE s.lane_id = g.id AND s.may <> '{}') AS serves
  FROM lane_gate g
  JOIN account a ON a.lane_id = g.id
 WHERE (g.bureau, g.account COLLATE "C") > ($1::int, $2::text)
   AND ($3::int IS NULL OR g.bureau = $3)
   AND ($4::text IS NULL OR starts_with(g.account, $4))
   AND ($5::text IS NULL OR a.login = $5)
   AND ($6::bool IS NULL OR a.online = $6)
   AND ($7::bool IS NULL OR coalesce(g.needs_person, false) = $7)
 ORDER BY g.bureau, g.account COLLATE "C"
 LIMIT $8
