-- Whether this fence holds the lane and is current; `tax` NULL: for any tax number. Locked, so that the keys
-- cannot pass on before the switch is written down.
SELECT r.tax_id
  FROM running r
 WHERE r.lane_id = $1 AND r.fence = $2 AND r.n IS NOT NULL
   AND r.worker IS NOT NULL AND ($3::int IS NULL OR r.tax_id = $3)
   FOR NO KEY UPDATE
