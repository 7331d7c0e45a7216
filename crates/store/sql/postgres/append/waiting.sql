-- Places rise in the batch's order.
INSERT INTO waiting (task_id, lane_id, tax_id, class, place, since, run_at)
SELECT i.task_id, i.lane_id, i.tax_id, i.class, nextval('place'), i.since, i.run_at
  FROM (SELECT *
          FROM unnest($1::uuid[], $2::int[], $3::int[], $4::smallint[], $5::timestamptz[],
                      $6::timestamptz[])
               WITH ORDINALITY u(task_id, lane_id, tax_id, class, since, run_at, n)
         ORDER BY u.n) i
RETURNING task_id, place
