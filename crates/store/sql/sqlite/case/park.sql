INSERT INTO parked (task_id, lane_id, tax_id, class, place, epoch, since, until)
SELECT unhex(value ->> 'task_id'), value ->> 'lane_id', value ->> 'tax_id', value ->> 'class',
       value ->> 'place', value ->> 'epoch', value ->> 'since', value ->> 'until'
  FROM jsonb_each(?1)
