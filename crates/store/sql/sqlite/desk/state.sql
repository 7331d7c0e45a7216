SELECT state FROM task_log WHERE task_id = ?1
