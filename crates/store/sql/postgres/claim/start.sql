-- What kept its keys waits no more. `started_at` is the time after the keys are held, else a
-- claim that waited would seem to overlap its predecessor.
WITH gone AS (
    DELETE FROM waiting w WHERE w.task_id = ANY ($1::uuid[]))
UPDATE task_log t
   SET state       = 'running',
       shown_state = CASE WHEN t.channel IS DISTINCT FROM 'leqi' THEN $2
                          WHEN t.accepted THEN $4
                          ELSE $3 END,
       reason      = '',
       started_at  = coalesce(t.started_at, clock_timestamp())
 WHERE t.task_id = ANY ($1::uuid[])
