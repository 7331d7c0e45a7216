-- What the lane's account has parked under an older epoch, with nothing sent and with something.
SELECT p.task_id FROM parked p WHERE p.lane_id = ?1 AND p.epoch < ?2
UNION ALL
SELECT r.task_id FROM running r
 WHERE r.lane_id = ?1 AND r.worker IS NULL AND r.ask_at IS NULL AND r.parked_epoch < ?2
