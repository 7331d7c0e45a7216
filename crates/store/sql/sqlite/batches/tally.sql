-- Where the tasks of a batch stand.
SELECT t.tax_no, t.bureau, t.account, t.state,
       count(*) AS tasks,
       sum(t.invoices_total) AS invoices,
       sum(t.invoices_succeeded) AS succeeded,
       total(t.finished_at - t.started_at) / 1e6 AS ran,
       count(t.finished_at - t.started_at) AS ran_tasks
  FROM task_log t
 WHERE t.batch_id = ?1
 GROUP BY t.tax_no, t.bureau, t.account, t.state
 ORDER BY t.tax_no, t.bureau, t.account, t.state
