UPDATE task_log SET unknown = 0, reason = ?2 WHERE task_id = ?1
