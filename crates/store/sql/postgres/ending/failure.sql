INSERT INTO failure (task_id, unknown)
SELECT i.task_id, i.unknown
  FROM unnest($1::uuid[], $2::bool[]) i(task_id, unknown)
    ON CONFLICT DO NOTHING
