-- A batch counts its tasks as they come; those that end at once count on both sides.
INSERT INTO batch (batch_id, submitted_at, tasks)
SELECT value ->> 'batch_id', ?2, value ->> 'tasks'
  FROM jsonb_each(?1)
 WHERE true
    ON CONFLICT (batch_id) DO UPDATE
   SET tasks = tasks + excluded.tasks
