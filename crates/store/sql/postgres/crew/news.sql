-- Queues of the worker's lanes that got a task after the mark. Places are given before their
-- append commits, so the look goes back a little: an append that is overtaken by this many places
-- is found by the dispatcher's own look at blocked heads.
SELECT DISTINCT w.lane_id, w.tax_id
  FROM waiting w
  JOIN lane l ON l.id = w.lane_id
 WHERE w.place > $2 AND l.owner = $1
