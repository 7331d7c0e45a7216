DELETE FROM retry WHERE failed_task_id IN (SELECT unhex(value) FROM json_each(?1))
