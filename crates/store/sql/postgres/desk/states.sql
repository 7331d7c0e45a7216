SELECT t.task_id, t.state FROM task_log t WHERE t.task_id = ANY ($1::uuid[])
