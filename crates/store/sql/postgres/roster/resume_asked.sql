-- Those with something sent are due to be asked about.
UPDATE running r
   SET ask_at = clock_timestamp(), parked_until = NULL
 WHERE r.lane_id = $1 AND r.worker IS NULL AND r.parked_epoch < $2
