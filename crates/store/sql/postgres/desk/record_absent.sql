-- Who ended with an unknown outcome and has failed from now on, because a person says so ($2). Locked
-- in key order.
WITH unknown AS (
    SELECT f.task_id
      FROM failure f
     WHERE f.task_id = ANY ($1::uuid[])
       AND f.unknown
     ORDER BY f.task_id
       FOR UPDATE),
known AS (
    UPDATE failure f
       SET unknown = false
      FROM unknown u
     WHERE f.task_id = u.task_id),
lines AS (
    UPDATE ledger l
       SET outcome = 'failed',
           reason  = $2
      FROM unknown u
     WHERE l.task_id = u.task_id
       AND l.outcome = 'unknown')
UPDATE task_log t
   SET unknown = false,
       reason  = $2
  FROM unknown u
 WHERE t.task_id = u.task_id
RETURNING t.task_id
