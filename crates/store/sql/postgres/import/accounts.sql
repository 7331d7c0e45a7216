-- The logins behind lanes. A known one keeps its session: the store knows better.
INSERT INTO account (lane_id, login, online, needs_person)
SELECT l.id, i.login, i.online, NOT i.online AND i.login = 'manual'
  FROM unnest($1::int[], $2::text[], $3::text[], $4::bool[]) i(bureau, account, login, online)
  JOIN lane l USING (bureau, account)
 ORDER BY l.id
    ON CONFLICT (lane_id) DO UPDATE
   SET login        = excluded.login,
       needs_person = NOT account.online AND excluded.login = 'manual'
