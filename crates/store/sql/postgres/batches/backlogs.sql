-- What waits in these lanes and may start by its time, in the order asked.
SELECT coalesce(w.numbers, 0) AS numbers, coalesce(w.tasks, 0) AS tasks
  FROM unnest($1::int[]) WITH ORDINALITY i(lane_id, n)
  LEFT JOIN lane l ON l.id = i.lane_id
  LEFT JOIN LATERAL (
       SELECT count(*) AS tasks,
              count(DISTINCT q.tax_id)
                  FILTER (WHERE q.tax_id IS DISTINCT FROM l.current_tax_id) AS numbers
         FROM waiting q
        WHERE q.lane_id = i.lane_id AND q.run_at IS NULL) w ON true
 ORDER BY i.n
