INSERT INTO task_log
       (task_id, batch_id, kind, class, tax_no, tax_id, bureau, account, channel, tax_period,
        state, shown_state, reason, retry_of, invoices_total, invoices_succeeded, enqueued_at,
        finished_at, submitted_by, events, body_hash, traceparent)
SELECT unhex(value ->> 'task_id'), value ->> 'batch_id', value ->> 'kind', value ->> 'class',
       value ->> 'tax_no', value ->> 'tax_id', value ->> 'bureau', value ->> 'account',
       value ->> 'channel', value ->> 'tax_period', value ->> 'state', value ->> 'shown_state',
       value ->> 'reason', unhex(value ->> 'retry_of'), value ->> 'total', value ->> 'succeeded',
       ?2, CASE WHEN value ->> 'ended' THEN ?2 END, value ->> 'submitted_by', value ->> 'events',
       unhex(value ->> 'body_hash'), value ->> 'traceparent'
  FROM jsonb_each(?1)
