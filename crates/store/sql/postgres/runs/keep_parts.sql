INSERT INTO run_part (run_id, person, tax_no, state, task_id, part, version)
SELECT $1, $2, i.tax_no, i.state, i.task_id, i.part, i.version
  FROM unnest($3::text[], $4::text[], $5::uuid[], $6::text[], $7::int[])
       i(tax_no, state, task_id, part, version)
