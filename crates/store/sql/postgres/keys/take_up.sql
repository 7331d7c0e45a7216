-- Takes over what is due to be asked about, with a new fence each. 电子税局 is asked with the
-- lane's key, 乐企 without. At most one task per lane of 电子税局 can have it, so the first of each.
UPDATE running r
   SET fence       = nextval('fence'),
       worker      = $1,
       lease_until = clock_timestamp() + make_interval(secs => $2),
       ask_at      = NULL,
       n           = CASE WHEN i.channel = 'etax' THEN coalesce(r.n, 0) ELSE r.n END
  FROM (SELECT k.task_id, l.channel
          FROM running k
          JOIN lane_gate l ON l.id = k.lane_id
         WHERE k.worker IS NULL
           AND k.ask_at <= statement_timestamp()
           AND l.owner = $1
           AND NOT l.needs_person
           AND (l.channel <> 'etax'
                OR k.n IS NOT NULL
                OR (NOT EXISTS (SELECT 1 FROM running b
                                 WHERE b.lane_id = k.lane_id AND b.n IS NOT NULL)
                    AND NOT EXISTS (SELECT 1 FROM running e
                                     WHERE e.lane_id = k.lane_id AND e.worker IS NULL
                                       AND e.ask_at <= statement_timestamp()
                                       AND (e.ask_at, e.task_id) < (k.ask_at, k.task_id))))
         ORDER BY k.ask_at, k.task_id
         LIMIT $3
           FOR UPDATE OF k SKIP LOCKED) i
 WHERE r.task_id = i.task_id
RETURNING r.task_id
