-- Oldest first; numbers and times rise together, so the scan ends at the first young one.
SELECT o.number, o.task_id, o.sequence, o.kind, o.bureau, o.at, o.data,
       CASE WHEN o.retriable THEN b.body END AS failed_body, o.reason, o.traceparent
  FROM outbox o
  LEFT JOIN task_body b ON b.task_id = o.task_id AND o.retriable
 WHERE o.at <= ?1
 ORDER BY o.number
 LIMIT ?2
