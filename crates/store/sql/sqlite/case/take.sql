-- The unique keys of `running` make two holders impossible whatever was decided before.
INSERT INTO running (task_id, tax_id, lane_id, n, class, place, fence, worker, lease_until, since,
                     ask_at, asked_since, quiet_until, may_have_sent, parked_epoch, parked_until)
SELECT unhex(value ->> 'task_id'), value ->> 'tax_id', value ->> 'lane_id', value ->> 'n',
       value ->> 'class', value ->> 'place', value ->> 'fence', value ->> 'worker',
       value ->> 'lease_until', value ->> 'since', value ->> 'ask_at', value ->> 'asked_since',
       value ->> 'quiet_until', value ->> 'may_have_sent', value ->> 'parked_epoch',
       value ->> 'parked_until'
  FROM jsonb_each(?1)
