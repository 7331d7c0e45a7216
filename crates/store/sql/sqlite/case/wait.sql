-- At their places, which never change.
INSERT INTO waiting (task_id, lane_id, tax_id, class, place, since, run_at, requeued)
SELECT unhex(value ->> 'task_id'), value ->> 'lane_id', value ->> 'tax_id', value ->> 'class',
       value ->> 'place', value ->> 'since', value ->> 'run_at', value ->> 'requeued'
  FROM json_each(?1)
