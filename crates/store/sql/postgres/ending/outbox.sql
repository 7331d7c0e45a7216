-- Events leave in the order of their numbers.
INSERT INTO outbox (task_id, sequence, kind, bureau, at, data, retriable, reason, traceparent)
SELECT i.task_id, i.sequence, i.kind, i.bureau, clock_timestamp(), i.data, i.retriable, i.reason,
       i.traceparent
  FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::bool[], $7::text[],
              $8::text[])
       i(task_id, sequence, kind, bureau, data, retriable, reason, traceparent)
RETURNING number
