-- The session of these lanes is lost; `needs_person`: no login of ours helps.
WITH gone AS (
    UPDATE account a
       SET online = false, epoch = a.epoch + 1, needs_person = a.needs_person OR i.needs_person
      FROM unnest($1::int[], $2::bool[]) i(lane_id, needs_person)
     WHERE a.lane_id = i.lane_id AND a.online
    RETURNING a.lane_id)
UPDATE lane l
   SET version = nextval('gate_version')
  FROM gone
 WHERE l.id = gone.lane_id
