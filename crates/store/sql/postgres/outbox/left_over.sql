SELECT o.number, o.task_id, o.sequence, o.kind, o.bureau, o.at, o.data, o.reason, o.traceparent,
       CASE WHEN o.retriable THEN b.body END AS failed_body
  FROM outbox o
  LEFT JOIN task_body b ON b.task_id = o.task_id
 WHERE o.at <= clock_timestamp() - make_interval(secs => $1)
 ORDER BY o.number
 LIMIT $2
