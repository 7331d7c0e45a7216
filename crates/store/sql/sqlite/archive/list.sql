-- Newest first, from one page to the next along the index.
SELECT t.task_id, t.batch_id, t.kind, t.tax_no, t.bureau, t.account, t.tax_period, t.state,
       t.shown_state, t.reason, t.retry_of, t.attempts, t.invoices_total, t.invoices_succeeded,
       t.enqueued_at, t.started_at, t.finished_at, t.submitted_by, t.unknown
  FROM task_log t
 WHERE (t.enqueued_at, t.task_id) < (?12, ?13)
   AND (?1 IS NULL OR t.state IN (SELECT value FROM json_each(?1)))
   AND (?2 IS NULL OR t.shown_state IN (SELECT value FROM json_each(?2)))
   AND (?3 IS NULL OR t.kind IN (SELECT value FROM json_each(?3)))
   AND (?4 IS NULL OR t.tax_no = ?4)
   AND (?5 IS NULL OR t.bureau = ?5)
   AND (?6 IS NULL OR t.account = ?6)
   AND (?7 IS NULL OR t.batch_id = ?7)
   AND t.enqueued_at >= ?8 AND t.enqueued_at < ?9
   AND (?10 IS NULL OR t.submitted_by = ?11
        OR EXISTS (SELECT 1 FROM taxpayer p
                    WHERE p.tax_no = t.tax_no
                      AND p.tax_org IN (SELECT value FROM json_each(?10))))
 ORDER BY t.enqueued_at DESC, t.task_id DESC
 LIMIT ?14
