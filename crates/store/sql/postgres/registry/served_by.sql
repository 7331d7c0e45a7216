-- The accounts that serve a tax number, the default one for receiving first.
SELECT g.bureau, g.account, array_to_json(s.may)::text AS may, s.default_business, a.login,
       a.online, coalesce(g.needs_person, false) AS needs_person
  FROM taxpayer p
  JOIN serves s ON s.tax_id = p.id AND s.may <> '{}'
  JOIN lane_gate g ON g.id = s.lane_id
  JOIN account a ON a.lane_id = s.lane_id
 WHERE p.tax_no = $1
 ORDER BY s.default_business IN ('receive', 'both') DESC, s.rank
