-- What evidence changes of the holding: since when something is asked about, how long "absent"
-- proves nothing. `asked` true: from now unless earlier; false: nothing is out; NULL: as it was
-- (a stale holder's call may still land, so that its quiet time counts all the same).
UPDATE running r
   SET asked_since   = CASE i.asked WHEN true THEN coalesce(r.asked_since, clock_timestamp())
                                    ELSE r.asked_since END,
       quiet_until   = CASE WHEN i.asked IS FALSE THEN NULL
                            ELSE greatest(r.quiet_until, i.quiet_until) END,
       may_have_sent = r.may_have_sent AND i.asked IS NOT FALSE
  FROM unnest($1::uuid[], $2::bool[], $3::timestamptz[]) i(task_id, asked, quiet_until)
 WHERE r.task_id = i.task_id
