-- The worker's lanes in which something sent earlier is due to be asked about. Lane by lane: as a
-- join it may be planned over all lanes of the worker.
SELECT DISTINCT r.lane_id
  FROM running r
 WHERE r.worker IS NULL
   AND r.ask_at <= statement_timestamp()
   AND (SELECT l.owner FROM lane l WHERE l.id = r.lane_id) = $1
