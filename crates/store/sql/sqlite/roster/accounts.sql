SELECT a.lane_id, a.login, a.online, a.needs_person, a.epoch, a.seen_at, a.until
  FROM json_each(?1) i
 CROSS JOIN account a ON a.lane_id = i.value
