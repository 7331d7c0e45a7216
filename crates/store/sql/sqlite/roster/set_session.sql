UPDATE account
   SET online = ?2, needs_person = ?3, epoch = ?4, seen_at = ?5, until = ?6
 WHERE lane_id = ?1
