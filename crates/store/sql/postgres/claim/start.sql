-- What kept its keys waits no more. `started_at` ($5, from claim/being_logged) is a time after the
-- keys are held, else a claim that waited would seem to overlap its predecessor; and before the
-- look that gave back, else a task that the look could not see would seem to have been passed over.
WITH gone AS (
    DELETE FROM waiting w WHERE w.task_id = ANY ($1::uuid[]))
UPDATE task_log t
   SET state       = 'running',
       shown_state = CASE WHEN t.channel IS DISTINCT FROM 'leqi' THEN $2
                          WHEN t.accepted THEN $4
                          ELSE $3 END,
       reason      = '',
       started_at  = coalesce(t.started_at, $5)
 WHERE t.task_id = ANY ($1::uuid[])
