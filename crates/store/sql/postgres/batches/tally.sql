-- Where the tasks of a batch stand.
SELECT t.tax_no, t.bureau, t.account, t.state,
       count(*) AS tasks,
       sum(t.invoices_total)::bigint AS invoices,
       sum(t.invoices_succeeded)::bigint AS succeeded,
       coalesce(sum(extract(epoch FROM t.finished_at - t.started_at)), 0)::float8 AS ran,
       count(t.finished_at - t.started_at) AS ran_tasks
  FROM task_log t
 WHERE t.batch_id = $1
 GROUP BY t.tax_no, t.bureau, t.account, t.state
 ORDER BY t.tax_no, t.bureau, t.account, t.state
