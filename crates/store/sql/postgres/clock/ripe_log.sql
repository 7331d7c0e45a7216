UPDATE task_log t
   SET state = i.state, shown_state = i.shown_state
  FROM unnest($1::uuid[], $2::text[], $3::text[]) i(task_id, state, shown_state)
 WHERE t.task_id = i.task_id
