-- To be asked about by now, in this worker's lanes. 电子税局 is asked with the lane's slot: while
-- another task has it, those that have not wait.
SELECT r.task_id
  FROM running r
 CROSS JOIN lane_gate g ON g.id = r.lane_id
 WHERE r.worker IS NULL AND r.ask_at <= ?2
   AND g.owner = ?1
   AND NOT g.needs_person
   AND (g.channel <> 'etax' OR r.n IS NOT NULL
        OR NOT EXISTS (SELECT 1 FROM running b WHERE b.lane_id = r.lane_id AND b.n IS NOT NULL))
 ORDER BY r.ask_at
 LIMIT ?3
