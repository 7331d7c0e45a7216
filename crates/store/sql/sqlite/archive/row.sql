SELECT t.task_id, t.batch_id, t.kind, t.tax_no, t.bureau, t.account, t.tax_period, t.state,
       t.shown_state, t.reason, t.retry_of, t.attempts, t.invoices_total, t.invoices_succeeded,
       t.enqueued_at, t.started_at, t.finished_at, t.submitted_by, t.unknown
  FROM task_log t
 WHERE t.task_id = ?1
