SELECT s.lane_id, s.at
  FROM json_each(?1) i
 CROSS JOIN account_switch s ON s.lane_id = i.value AND s.at >= ?2
