-- One retry per failed task, for ever: the primary key refuses a second one.
INSERT INTO retry (failed_task_id, retry_task_id, at)
SELECT unhex(value ->> 'failed'), unhex(value ->> 'retry'), ?2
  FROM jsonb_each(?1)
