-- Parked tasks with an older epoch queue again at their place.
WITH back AS (
    DELETE FROM parked p
     WHERE p.lane_id = $1 AND p.epoch < $2
    RETURNING p.task_id, p.lane_id, p.tax_id, p.class, p.place, p.since),
queued AS (
    INSERT INTO waiting (task_id, lane_id, tax_id, class, place, since)
    SELECT b.task_id, b.lane_id, b.tax_id, b.class, b.place, b.since FROM back b ORDER BY b.place)
SELECT b.task_id, t.kind, t.tax_no, t.bureau, t.batch_id, t.retry_of, t.traceparent, t.channel,
       t.accepted, t.events
  FROM back b
  JOIN task_log t ON t.task_id = b.task_id
 ORDER BY b.place
