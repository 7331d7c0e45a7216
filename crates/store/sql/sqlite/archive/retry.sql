SELECT retry_task_id FROM retry WHERE failed_task_id = ?1
