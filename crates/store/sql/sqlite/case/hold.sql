INSERT INTO held (task_id, tax_id, class, place, since, run_at)
SELECT unhex(value ->> 'task_id'), value ->> 'tax_id', value ->> 'class',
       value ->> 'place', value ->> 'since', value ->> 'run_at'
  FROM jsonb_each(?1)
