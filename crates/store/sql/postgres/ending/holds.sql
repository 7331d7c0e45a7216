-- The outcome frees the task's invoices.
DELETE FROM invoice_hold h
 WHERE h.task_id = ANY ($1::uuid[])
