-- One more event of these tasks stands in the outbox than their ending counted.
UPDATE task_log t
   SET events = t.events + 1
 WHERE t.task_id = ANY ($1::uuid[])
