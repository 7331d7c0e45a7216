-- What the log says of each task now.
UPDATE task_log
   SET state              = i.state,
       shown_state        = i.shown_state,
       reason             = i.reason,
       bureau             = coalesce(i.bureau, task_log.bureau),
       account            = coalesce(i.account, task_log.account),
       attempts           = i.attempts,
       rescues            = i.rescues,
       accepted           = i.accepted,
       unknown            = i.unknown,
       settled_fence      = i.settled_fence,
       started_at         = i.started_at,
       finished_at        = i.finished_at,
       invoices_succeeded = i.succeeded,
       events             = i.events
  FROM (SELECT unhex(j.value ->> 'task_id')  AS task_id,
               j.value ->> 'state'           AS state,
               j.value ->> 'shown_state'     AS shown_state,
               j.value ->> 'reason'          AS reason,
               j.value ->> 'bureau'          AS bureau,
               j.value ->> 'account'         AS account,
               j.value ->> 'attempts'        AS attempts,
               j.value ->> 'rescues'         AS rescues,
               j.value ->> 'accepted'        AS accepted,
               j.value ->> 'unknown'         AS unknown,
               j.value ->> 'settled_fence'   AS settled_fence,
               j.value ->> 'started_at'      AS started_at,
               j.value ->> 'finished_at'     AS finished_at,
               j.value ->> 'succeeded'       AS succeeded,
               j.value ->> 'events'          AS events
          FROM json_each(?1) j) i
 WHERE task_log.task_id = i.task_id
