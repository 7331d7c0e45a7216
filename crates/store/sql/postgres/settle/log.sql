-- The new state of each task. The fence is kept: a repeated settlement finds itself there.
UPDATE task_log t
   SET state              = i.state,
       shown_state        = i.shown_state,
       reason             = i.reason,
       finished_at        = CASE WHEN i.ended THEN clock_timestamp() END,
       invoices_succeeded = i.succeeded,
       unknown            = i.unknown,
       accepted           = t.accepted OR i.accepted,
       attempts           = t.attempts + i.attempts,
       rescues            = t.rescues + i.rescues,
       events             = t.events + i.events,
       settled_fence      = coalesce(i.fence, t.settled_fence)
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bool[], $6::int[], $7::bool[],
              $8::bool[], $9::int[], $10::int[], $11::int[], $12::bigint[])
       i(task_id, state, shown_state, reason, ended, succeeded, unknown, accepted, attempts,
         rescues, events, fence)
 WHERE t.task_id = i.task_id
