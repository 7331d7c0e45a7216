-- A batch counts its tasks as they end. Returns it when it is complete now.
UPDATE batch
   SET ended = ended + ?2
 WHERE batch_id = ?1
RETURNING tasks, ended = tasks
