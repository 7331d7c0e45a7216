UPDATE task_log t
   SET state = i.state, shown_state = i.shown_state, accepted = t.accepted OR i.accepted
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bool[])
       i(task_id, state, shown_state, accepted)
 WHERE t.task_id = i.task_id
