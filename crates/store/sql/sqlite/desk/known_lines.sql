UPDATE ledger SET outcome = 'failed', reason = ?2 WHERE task_id = ?1 AND outcome = 'unknown'
