SELECT w.class, count(*) AS tasks,
       extract(epoch FROM clock_timestamp() - min(w.since))::float8 AS oldest
  FROM waiting w
 WHERE w.run_at IS NULL
 GROUP BY w.class
