-- Queues of the worker's lanes in which something began to wait in a transaction that was not over
-- at the mark. Some of it was seen already; nothing is missed, however long a transaction took.
-- Lane by lane: as a join it may be planned over all lanes of the worker.
SELECT DISTINCT w.lane_id, w.tax_id
  FROM waiting w
 WHERE w.arrived >= ($2::bigint)::text::xid8
   AND (SELECT l.owner FROM lane l WHERE l.id = w.lane_id) = $1
