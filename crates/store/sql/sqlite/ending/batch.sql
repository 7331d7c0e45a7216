-- A batch counts its tasks as they end. Returns it when it is complete now: one that was asked for
-- here, when as many tasks were logged as it becomes.
UPDATE batch
   SET ended = ended + ?2
 WHERE batch_id = ?1
RETURNING tasks,
          ended = tasks
          AND tasks >= coalesce((SELECT q.tasks FROM batch_request q
                                  WHERE q.batch_id = batch.batch_id), 0)
