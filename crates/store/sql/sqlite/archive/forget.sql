-- Body, ledger lines, evidence and marks go with the row.
DELETE FROM task_log WHERE task_id IN (SELECT unhex(value) FROM json_each(?1))
