-- The lane's recent switches, oldest first; the lane is locked by its holder's key.
SELECT s.at, clock_timestamp() AS now
  FROM lane l
  LEFT JOIN account_switch s ON s.lane_id = l.id AND s.at > now() - interval '25 hours'
 WHERE l.id = $1
 ORDER BY s.at
