-- Rows that ended long ago, with everything that hangs on them. Logged later than that they
-- cannot have ended before, so the index of logging times bounds the look.
WITH old AS (
    SELECT t.task_id
      FROM task_log t
     WHERE t.enqueued_at <= clock_timestamp() - make_interval(secs => $1)
       AND t.finished_at <= clock_timestamp() - make_interval(secs => $1)
     ORDER BY t.enqueued_at
     LIMIT $2),
bodies AS (DELETE FROM task_body x USING old WHERE x.task_id = old.task_id),
lines AS (DELETE FROM ledger x USING old WHERE x.task_id = old.task_id),
sent AS (DELETE FROM submission x USING old WHERE x.task_id = old.task_id),
retries AS (DELETE FROM retry x USING old WHERE x.failed_task_id = old.task_id),
failures AS (DELETE FROM failure x USING old WHERE x.task_id = old.task_id)
DELETE FROM task_log t USING old WHERE t.task_id = old.task_id
