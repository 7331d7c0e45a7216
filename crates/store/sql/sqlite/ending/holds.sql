-- The outcome frees the task's invoices.
DELETE FROM invoice_hold
 WHERE task_id IN (SELECT unhex(value) FROM json_each(?1))
