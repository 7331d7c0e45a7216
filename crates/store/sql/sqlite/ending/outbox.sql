-- Events leave in the order of their numbers.
INSERT INTO outbox (task_id, sequence, kind, bureau, at, data, retriable, reason, traceparent)
SELECT unhex(value ->> 'task_id'), value ->> 'sequence', value ->> 'kind', value ->> 'bureau', ?2,
       value ->> 'data', value ->> 'retriable', value ->> 'reason', value ->> 'traceparent'
  FROM jsonb_each(?1)
RETURNING number, task_id
