-- Queues of the worker's lanes in which something began to wait in a transaction that was not over
-- at the mark. Some of it was seen already; nothing is missed, however long a transaction took.
-- What arrived is found first: from the lanes, the look would go over all that waits in them.
WITH fresh AS MATERIALIZED (
    SELECT DISTINCT w.lane_id, w.tax_id
      FROM waiting w
     WHERE w.arrived >= ($2::bigint)::text::xid8)
SELECT f.lane_id, f.tax_id
  FROM fresh f
  JOIN lane l ON l.id = f.lane_id
 WHERE l.owner = $1
