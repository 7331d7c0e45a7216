SELECT state, count(*) AS count FROM run_part WHERE run_id = $1 GROUP BY state
