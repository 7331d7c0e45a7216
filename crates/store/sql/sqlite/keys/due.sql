-- To be asked about by now, in this worker's lanes, the longest due first. 电子税局 is asked with
-- the lane's slot: the first of a lane's tasks gets it, unless another task has it.
SELECT r.task_id
  FROM running r
 CROSS JOIN lane_gate g ON g.id = r.lane_id
 WHERE r.worker IS NULL AND r.ask_at <= ?2
   AND g.owner = ?1
   AND NOT g.needs_person
   AND (g.channel <> 'etax' OR r.n IS NOT NULL
        OR NOT EXISTS (SELECT 1
                         FROM running o
                        WHERE o.lane_id = r.lane_id
                          AND (o.n IS NOT NULL
                               OR (o.worker IS NULL
                                   AND (o.ask_at, o.task_id) < (r.ask_at, r.task_id)))))
 ORDER BY r.ask_at, r.task_id
 LIMIT ?3
