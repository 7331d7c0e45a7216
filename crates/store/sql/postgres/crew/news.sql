-- Queues of the worker's lanes in which something began to wait in a transaction that was not over
-- at the mark. Some of it was seen already; nothing is missed, however long a transaction took.
SELECT DISTINCT w.lane_id, w.tax_id
  FROM waiting w
  JOIN lane l ON l.id = w.lane_id
 WHERE w.arrived >= ($2::bigint)::text::xid8 AND l.owner = $1
