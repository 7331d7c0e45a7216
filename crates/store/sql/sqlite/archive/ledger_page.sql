-- A page of the ledger: the newest task first, inside a task the greatest number first.
SELECT l.task_id, t.kind, t.tax_no, t.batch_id, t.enqueued_at, l.at, l.invoice_no, l.invoice_code,
       l.outcome, l.reason
  FROM task_log t
  JOIN ledger l ON l.task_id = t.task_id
 WHERE (?1 IS NULL OR t.tax_no = ?1)
   AND (?2 IS NULL OR t.task_id = ?2)
   AND (?3 IS NULL OR t.batch_id = ?3)
   AND (?4 IS NULL OR t.kind IN (SELECT value FROM json_each(?4)))
   AND (?5 IS NULL OR l.outcome IN (SELECT value FROM json_each(?5)))
   AND (?6 IS NULL OR l.invoice_no = ?6)
   AND t.enqueued_at >= ?7 AND t.enqueued_at < ?8
   AND (?9 IS NULL OR t.submitted_by = ?10
        OR EXISTS (SELECT 1 FROM taxpayer p
                    WHERE p.tax_no = t.tax_no
                      AND p.tax_org IN (SELECT value FROM json_each(?9))))
   AND t.enqueued_at <= ?11
   AND (t.enqueued_at, t.task_id, l.invoice_no, l.invoice_code) < (?11, ?12, ?13, ?14)
 ORDER BY t.enqueued_at DESC, t.task_id DESC, l.invoice_no DESC, l.invoice_code DESC
 LIMIT ?15
