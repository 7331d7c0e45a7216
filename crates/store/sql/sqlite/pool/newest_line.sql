-- What the log says last of an invoice. Others may have had invoices of this number, hence the join.
SELECT l.task_id, l.outcome, l.reason
  FROM ledger l
  CROSS JOIN task_log t ON t.task_id = l.task_id
 WHERE l.invoice_no = ?2 AND l.invoice_code = ?3 AND t.tax_no = ?1
 ORDER BY l.at DESC, l.task_id DESC
 LIMIT 1
