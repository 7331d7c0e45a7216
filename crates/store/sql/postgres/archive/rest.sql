-- What else is known of a task: its body, its retry, whether it is held for want of an account;
-- when it is parked or nobody asks about it, its lane, and what that waits for.
SELECT b.body, r.retry_task_id, h.task_id IS NOT NULL AS held, p.task_id IS NOT NULL AS parked,
       l.bureau, l.account, coalesce(l.needs_person, false) AS needs_person, l.owner, k.ask_at,
       clock_timestamp() AS now
  FROM task_body b
  LEFT JOIN retry r ON r.failed_task_id = b.task_id
  LEFT JOIN held h ON h.task_id = b.task_id
  LEFT JOIN parked p ON p.task_id = b.task_id
  LEFT JOIN running k ON k.task_id = b.task_id AND k.worker IS NULL
  LEFT JOIN lane_gate l ON l.id = coalesce(p.lane_id, k.lane_id)
 WHERE b.task_id = $1
