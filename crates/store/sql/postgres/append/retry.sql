-- One retry per failed task, for ever. Fewer rows than asked: somebody tried it again meanwhile.
INSERT INTO retry (failed_task_id, retry_task_id)
SELECT i.failed, i.retry
  FROM unnest($1::uuid[], $2::uuid[]) i(failed, retry)
 ORDER BY i.failed
    ON CONFLICT DO NOTHING
