-- Who holds keys of these tasks.
SELECT task_id, worker IS NOT NULL
  FROM running
 WHERE task_id IN (SELECT unhex(value) FROM json_each(?1))
