-- A page of tax numbers with what stands of their period. Work of a tax number is found by the lanes
-- that serve it.
SELECT m.tax_no, m.name, m.bureau, m.tax_org, m.stage, m.state, m.seen_at, m.filed,
       (SELECT count(*) FROM running r WHERE r.tax_id = m.id)
       + (SELECT count(*) FROM held h WHERE h.tax_id = m.id)
       + (SELECT count(*) FROM waiting w WHERE w.tax_id = m.id AND w.run_at IS NOT NULL)
       + (SELECT count(*)
            FROM serves s
            JOIN waiting w ON w.lane_id = s.lane_id AND w.tax_id = m.id AND w.run_at IS NULL
           WHERE s.tax_id = m.id)
       + (SELECT count(*)
            FROM serves s
            JOIN parked k ON k.lane_id = s.lane_id AND k.tax_id = m.id
           WHERE s.tax_id = m.id) AS open_tasks
  FROM (SELECT p.id, p.tax_no, p.name, p.bureau, p.tax_org, s.state,
               (extract(epoch FROM s.changed_at) * 1000000)::bigint AS seen_at, f.task_id AS filed,
               CASE WHEN f.task_id IS NOT NULL THEN 'filed'
                    WHEN s.state = 'confirmed' THEN 'confirmed'
                    WHEN s.state IN ('generating', 'generated') THEN 'statistics'
                    ELSE 'selecting' END AS stage
          FROM taxpayer p
          LEFT JOIN statistic_table s ON s.tax_id = p.id AND s.period = $1
          LEFT JOIN LATERAL (
               SELECT l.task_id
                 FROM task_log l
                WHERE l.kind = 'tax_filing' AND l.tax_no = p.tax_no AND l.tax_period = $2
                  AND l.state = 'done'
                ORDER BY l.enqueued_at, l.task_id
                LIMIT 1) f ON true
         WHERE ($3::text IS NULL OR p.tax_no = $3)
           AND ($4::int IS NULL OR p.bureau = $4)
           AND ($5::text IS NULL OR p.tax_org = $5)
           AND ($7::text IS NULL OR p.tax_no > $7)
         ORDER BY p.tax_no) m
 WHERE $6::text IS NULL OR m.stage = $6
 ORDER BY m.tax_no
 LIMIT $8
