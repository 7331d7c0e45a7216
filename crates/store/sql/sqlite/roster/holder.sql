-- The tax number for which this fence holds a slot of the lane.
SELECT r.tax_id
  FROM running r
 WHERE r.fence = ?2 AND r.lane_id = ?1 AND r.n IS NOT NULL
