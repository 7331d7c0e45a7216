-- Queues of the worker's lanes in which something began to wait in a transaction that was not over
-- at the mark. Some of it was seen already; nothing is missed, however long a transaction took.
-- What arrived is found first, by the order of its index, then its lanes one by one: as joins they
-- may be planned over all that waits, or over all lanes of the worker.
WITH fresh AS MATERIALIZED (
    SELECT DISTINCT w.lane_id, w.tax_id
      FROM (SELECT q.lane_id, q.tax_id
              FROM waiting q
             WHERE q.arrived >= ($2::bigint)::text::xid8
             ORDER BY q.arrived) w)
SELECT f.lane_id, f.tax_id
  FROM fresh f
 WHERE (SELECT l.owner FROM lane l WHERE l.id = f.lane_id) = $1
