-- One more event of this task stands in the outbox than its ending counted.
UPDATE task_log SET events = events + 1 WHERE task_id = ?1
