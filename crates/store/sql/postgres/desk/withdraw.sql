-- What has sent nothing and is not held by a worker stands in one of these. Locked in key order;
-- a claim that is at one of them goes first.
WITH locked AS (
    SELECT w.task_id FROM waiting w WHERE w.task_id = ANY ($1::uuid[])
     ORDER BY w.tax_id, w.class, w.place FOR UPDATE),
waited AS (
    DELETE FROM waiting w USING locked l WHERE w.task_id = l.task_id RETURNING w.task_id),
unparked AS (
    DELETE FROM parked p WHERE p.task_id = ANY ($1::uuid[]) RETURNING p.task_id),
unheld AS (
    DELETE FROM held h WHERE h.task_id = ANY ($1::uuid[]) RETURNING h.task_id)
SELECT task_id FROM waited
UNION ALL SELECT task_id FROM unparked
UNION ALL SELECT task_id FROM unheld
