-- Evidence, in the order in which it was learned.
INSERT INTO submission (task_id, act, fence, proof, value, quiet_until, at)
SELECT unhex(value ->> 'task_id'), value ->> 'act', value ->> 'fence', value ->> 'proof',
       value ->> 'value', value ->> 'quiet_until', ?2
  FROM jsonb_each(?1)
