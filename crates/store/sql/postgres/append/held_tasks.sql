-- Waits for an account; its place is given now all the same.
INSERT INTO held (task_id, tax_id, class, place, since, run_at)
SELECT i.task_id, i.tax_id, i.class, nextval('place'), i.since, i.run_at
  FROM (SELECT *
          FROM unnest($1::uuid[], $2::int[], $3::smallint[], $4::timestamptz[], $5::timestamptz[])
               WITH ORDINALITY u(task_id, tax_id, class, since, run_at, n)
         ORDER BY u.n) i
