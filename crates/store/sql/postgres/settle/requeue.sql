-- Back to its place; `after` is in seconds, NULL: due now.
INSERT INTO waiting (task_id, lane_id, tax_id, class, place, since, run_at)
SELECT i.task_id, i.lane_id, i.tax_id, i.class, i.place, i.since,
       clock_timestamp() + make_interval(secs => i.after)
  FROM unnest($1::uuid[], $2::int[], $3::int[], $4::smallint[], $5::bigint[],
              $6::timestamptz[], $7::float8[])
       i(task_id, lane_id, tax_id, class, place, since, after)
