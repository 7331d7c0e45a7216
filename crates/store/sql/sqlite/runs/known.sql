SELECT head FROM run WHERE run_id = ?1
