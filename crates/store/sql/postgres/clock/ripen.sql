-- Their time has come. `run_at` NULL puts them into the index of heads, and they
-- are news.
WITH due AS (
    UPDATE waiting w
       SET run_at  = NULL,
           arrived = pg_current_xact_id()
      FROM (SELECT k.task_id
              FROM waiting k
             WHERE k.run_at <= statement_timestamp()
             ORDER BY k.run_at
             LIMIT $1
               FOR UPDATE SKIP LOCKED) i
     WHERE w.task_id = i.task_id
    RETURNING w.task_id, w.lane_id, w.tax_id)
SELECT d.task_id, d.lane_id, d.tax_id, t.channel, t.accepted
  FROM due d
  JOIN task_log t ON t.task_id = d.task_id
