SELECT s.task_id, s.act, s.fence, s.proof, s.value, s.at
  FROM json_each(?1) i
 CROSS JOIN submission s ON s.task_id = unhex(i.value)
 ORDER BY s.id
