-- The tax number for which somebody works in the lane under this fence.
SELECT r.tax_id
  FROM running r
 WHERE r.fence = ?2 AND r.lane_id = ?1 AND r.n IS NOT NULL AND r.worker IS NOT NULL
