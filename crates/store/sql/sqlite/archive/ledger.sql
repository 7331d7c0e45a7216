SELECT invoice_no, invoice_code, outcome, reason FROM ledger WHERE task_id = ?1 ORDER BY rowid
