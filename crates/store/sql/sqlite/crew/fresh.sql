-- Queues in this worker's lanes that got a task after the mark, at a new place or back at its old.
SELECT DISTINCT w.lane_id, w.tax_id
  FROM waiting w
 CROSS JOIN lane l ON l.id = w.lane_id
 WHERE w.place > ?2 AND l.owner = ?1
UNION
SELECT w.lane_id, w.tax_id
  FROM waiting w
 CROSS JOIN lane l ON l.id = w.lane_id
 WHERE w.requeued > ?3 AND l.owner = ?1
