-- Those with something sent are due to be asked about. Locked in tax number order, as everywhere.
WITH back AS (
    UPDATE running r
       SET ask_at = clock_timestamp(), parked_until = NULL
      FROM (SELECT k.task_id
              FROM running k
             WHERE k.lane_id = $1 AND k.worker IS NULL AND k.ask_at IS NULL AND k.parked_epoch < $2
             ORDER BY k.tax_id
               FOR NO KEY UPDATE) i
     WHERE r.task_id = i.task_id
    RETURNING r.task_id, r.place)
SELECT b.task_id, t.kind, t.tax_no, t.bureau, t.batch_id, t.retry_of, t.traceparent, t.channel,
       t.accepted, t.events
  FROM back b
  JOIN task_log t ON t.task_id = b.task_id
 ORDER BY b.place
