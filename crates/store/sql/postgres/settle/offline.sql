-- The session of these lanes is lost, and with it the tax number that the account was on.
-- `needs_person`: no login of ours helps; `lost`: the account was on line under that session.
WITH seen AS (
    UPDATE account a
       SET online       = a.online AND NOT i.lost,
           epoch        = a.epoch + CASE WHEN i.lost THEN 1 ELSE 0 END,
           needs_person = a.needs_person OR i.needs_person
      FROM unnest($1::int[], $2::bool[], $3::bool[]) i(lane_id, needs_person, lost)
     WHERE a.lane_id = i.lane_id
    RETURNING a.lane_id, i.lost)
UPDATE lane l
   SET changed        = pg_current_xact_id(),
       current_tax_id = CASE WHEN seen.lost THEN NULL ELSE l.current_tax_id END
  FROM seen
 WHERE l.id = seen.lane_id
