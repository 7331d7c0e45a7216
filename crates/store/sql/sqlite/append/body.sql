INSERT INTO task_body (task_id, body)
SELECT unhex(value ->> 0), value ->> 1
  FROM jsonb_each(?1)
