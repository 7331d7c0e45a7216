-- Whether a fence's outcome stands in the log already.
SELECT t.task_id, t.settled_fence, t.state
  FROM unnest($1::uuid[]) i(task_id)
  JOIN task_log t ON t.task_id = i.task_id
