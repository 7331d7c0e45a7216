-- Whether this fence holds the lane and is current. Locked, so that the keys cannot pass on before what
-- follows is written down.
SELECT r.tax_id
  FROM running r
 WHERE r.lane_id = $1 AND r.fence = $2 AND r.n IS NOT NULL AND r.worker IS NOT NULL
   FOR NO KEY UPDATE
