-- Queues in this worker's lanes that got a task at a place after the mark.
SELECT DISTINCT w.lane_id, w.tax_id
  FROM waiting w
 CROSS JOIN lane l ON l.id = w.lane_id
 WHERE w.place > ?2 AND l.owner = ?1
