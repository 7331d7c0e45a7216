-- Both keys are free, or about to be written anew.
DELETE FROM running
 WHERE task_id IN (SELECT unhex(value) FROM json_each(?1))
