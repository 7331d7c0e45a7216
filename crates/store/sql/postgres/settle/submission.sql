-- Evidence, in the order in which it was learned.
INSERT INTO submission (task_id, act, fence, proof, value, quiet_until, at)
SELECT i.task_id, i.act, i.fence, i.proof, i.value, i.quiet_until, clock_timestamp()
  FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::timestamptz[])
       WITH ORDINALITY i(task_id, act, fence, proof, value, quiet_until, n)
 ORDER BY i.n
