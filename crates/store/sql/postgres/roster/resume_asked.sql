-- Those with something sent are due to be asked about.
WITH back AS (
    UPDATE running r
       SET ask_at = clock_timestamp(), parked_until = NULL
     WHERE r.lane_id = $1 AND r.worker IS NULL AND r.ask_at IS NULL AND r.parked_epoch < $2
    RETURNING r.task_id, r.place)
SELECT b.task_id, t.kind, t.tax_no, t.bureau, t.batch_id, t.retry_of, t.traceparent, t.channel,
       t.accepted, t.events
  FROM back b
  JOIN task_log t ON t.task_id = b.task_id
 ORDER BY b.place
