INSERT INTO failure (task_id, unknown, at)
SELECT unhex(value ->> 'task_id'), value ->> 'unknown', ?2
  FROM jsonb_each(?1)
 WHERE true
    ON CONFLICT DO NOTHING
