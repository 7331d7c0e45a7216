-- A batch counts its tasks as they come; those that end at once count on both sides.
INSERT INTO batch (batch_id, submitted_at, tasks)
SELECT i.batch_id, clock_timestamp(), i.tasks
  FROM unnest($1::text[], $2::int[]) i(batch_id, tasks)
 ORDER BY i.batch_id
    ON CONFLICT (batch_id) DO UPDATE
   SET tasks = batch.tasks + excluded.tasks
