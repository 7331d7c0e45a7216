-- The sessions of these lanes, locked: a login that commits meanwhile waits, and then finds
-- what is parked here; one that has committed is seen.
SELECT a.lane_id, a.epoch, a.online, a.login, a.needs_person
  FROM account a
 WHERE a.lane_id = ANY ($1::int[])
 ORDER BY a.lane_id
   FOR NO KEY UPDATE
