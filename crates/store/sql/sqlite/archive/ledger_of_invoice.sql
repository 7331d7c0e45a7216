-- As ledger_page.sql, for one invoice: found by its number.
SELECT l.task_id, t.kind, t.tax_no, t.batch_id, t.enqueued_at, l.at, l.invoice_no, l.invoice_code,
       l.outcome, l.reason
  FROM ledger l INDEXED BY ledger_invoice
 CROSS JOIN task_log t ON t.task_id = l.task_id
 WHERE l.invoice_no = ?6
   AND (?1 IS NULL OR t.tax_no = ?1)
   AND (?2 IS NULL OR t.task_id = ?2)
   AND (?3 IS NULL OR t.batch_id = ?3)
   AND (?4 IS NULL OR t.kind IN (SELECT value FROM json_each(?4)))
   AND (?5 IS NULL OR l.outcome IN (SELECT value FROM json_each(?5)))
   AND t.enqueued_at >= ?7 AND t.enqueued_at < ?8
   AND (?9 IS NULL OR t.submitted_by = ?10
        OR EXISTS (SELECT 1 FROM taxpayer p
                    WHERE p.tax_no = t.tax_no
                      AND p.tax_org IN (SELECT value FROM json_each(?9))))
   AND (t.enqueued_at, t.task_id, l.invoice_no, l.invoice_code) < (?11, ?12, ?13, ?14)
 ORDER BY t.enqueued_at DESC, t.task_id DESC, l.invoice_no DESC, l.invoice_code DESC
 LIMIT ?15
