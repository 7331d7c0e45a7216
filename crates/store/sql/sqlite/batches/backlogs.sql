-- What waits in these lanes and may start by its time, in the order asked.
SELECT (SELECT count(DISTINCT q.tax_id)
          FROM waiting q
         WHERE q.lane_id = i.value AND q.run_at IS NULL
           AND q.tax_id IS NOT (SELECT l.current_tax_id FROM lane l WHERE l.id = i.value)) AS numbers,
       (SELECT count(*)
          FROM waiting q
         WHERE q.lane_id = i.value AND q.run_at IS NULL) AS tasks
  FROM json_each(?1) i
 ORDER BY i.key
