SELECT body FROM task_body WHERE task_id = ?1
