UPDATE failure SET unknown = 0 WHERE task_id = ?1 AND unknown
