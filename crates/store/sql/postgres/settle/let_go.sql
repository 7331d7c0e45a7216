-- Nobody asks for now; the tax number stays held, the lane when `keep_lane`.
-- `after` NULL: waits for a login.
UPDATE running r
   SET worker        = NULL,
       lease_until   = NULL,
       n             = CASE WHEN i.keep_lane THEN r.n END,
       ask_at        = clock_timestamp() + make_interval(secs => i.after),
       asked_since   = coalesce(r.asked_since, clock_timestamp()),
       quiet_until   = greatest(r.quiet_until, i.quiet_until),
       may_have_sent = r.may_have_sent OR i.may_have_sent,
       parked_epoch  = i.epoch,
       parked_until  = i.until
  FROM unnest($1::uuid[], $2::float8[], $3::bool[], $4::timestamptz[], $5::bool[], $6::bigint[],
              $7::timestamptz[])
       i(task_id, after, keep_lane, quiet_until, may_have_sent, epoch, until)
 WHERE r.task_id = i.task_id
