INSERT INTO run_part (run_id, person, tax_no, state, task_id, part, version, changed_at)
SELECT ?1, ?2, value ->> 'tax_no', value ->> 'state', unhex(value ->> 'task_id'),
       value ->> 'part', value ->> 'version', ?4
  FROM json_each(?3)
