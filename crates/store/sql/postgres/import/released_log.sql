UPDATE task_log t
   SET state = i.state, shown_state = i.shown_state, bureau = i.bureau, account = i.account,
       channel = i.channel
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
       i(task_id, state, shown_state, bureau, account, channel)
 WHERE t.task_id = i.task_id
