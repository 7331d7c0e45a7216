-- What nobody asks about is due now. One row per task that holds keys, locked in key order.
WITH due AS (
    UPDATE running r
       SET ask_at = least(r.ask_at, clock_timestamp())
      FROM (SELECT k.task_id
              FROM running k
              JOIN lane_gate g ON g.id = k.lane_id
             WHERE k.task_id = ANY ($1::uuid[]) AND k.worker IS NULL AND k.ask_at IS NOT NULL
               AND NOT g.needs_person
             ORDER BY k.tax_id
               FOR NO KEY UPDATE OF k) i
     WHERE r.task_id = i.task_id
 RETURNING r.task_id)
SELECT r.task_id, r.worker IS NOT NULL AS in_hand, d.task_id IS NOT NULL AS due
  FROM running r
  LEFT JOIN due d USING (task_id)
 WHERE r.task_id = ANY ($1::uuid[])
