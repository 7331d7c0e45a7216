-- The recent switches of these lanes, oldest first.
SELECT s.lane_id, s.at
  FROM account_switch s
 WHERE s.lane_id = ANY ($1::int[]) AND s.at > now() - interval '25 hours'
 ORDER BY s.at
