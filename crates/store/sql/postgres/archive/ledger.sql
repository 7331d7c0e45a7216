SELECT g.invoice_code, g.invoice_no, g.outcome, g.reason
  FROM ledger g
 WHERE g.task_id = $1
