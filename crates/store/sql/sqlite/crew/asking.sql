-- This worker's lanes in which something sent earlier is due to be asked about.
SELECT DISTINCT r.lane_id
  FROM running r INDEXED BY running_due
 CROSS JOIN lane l ON l.id = r.lane_id
 WHERE r.worker IS NULL AND r.ask_at <= ?2 AND l.owner = ?1
