SELECT o.number, o.task_id, o.sequence, o.kind, o.bureau, o.at, o.data,
       CASE WHEN o.retriable THEN b.body END AS failed_body, o.reason, o.traceparent
  FROM json_each(?1) i
 CROSS JOIN outbox o ON o.number = i.value
  LEFT JOIN task_body b ON b.task_id = o.task_id AND o.retriable
 ORDER BY o.number
