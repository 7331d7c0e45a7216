-- A new snapshot, after the keys are held: of these ($1), gives back what has a closed gate, a
-- higher class, or an earlier place before it, and what must not be judged yet, for a task of its
-- tax number is being logged ($2, some of $1). Specification: domain::schedule::admit.
-- The class check goes over the tax number's lanes, and in each looks for one task of a higher
-- class only: over its waiting tasks, a closed lane with 200,000 of them would cost a claim 224 ms
-- instead of 0.08. The LIMITs keep it so: left to itself the planner goes over all lanes, over all
-- that waits, and over all that runs, for every candidate.
WITH back AS MATERIALIZED (
    SELECT r.task_id
      FROM unnest($1::uuid[]) i(task_id)
     CROSS JOIN LATERAL (SELECT k.* FROM running k WHERE k.task_id = i.task_id LIMIT 1) r
      JOIN lane_gate l ON l.id = r.lane_id
      JOIN taxpayer p ON p.id = r.tax_id
     WHERE (r.task_id = ANY ($2::uuid[])
            OR r.n >= l.width
            OR l.owner IS DISTINCT FROM r.worker
            OR l.paused
            OR l.needs_person
            OR l.throttled_until > statement_timestamp()
            OR (l.switch_free_at > statement_timestamp()
                AND l.current_tax_id IS DISTINCT FROM r.tax_id)
            OR p.paused_by IS NOT NULL
            OR p.throttled_until > statement_timestamp()
            OR EXISTS (SELECT 1
                         FROM waiting h
                        WHERE h.lane_id = r.lane_id AND h.tax_id = r.tax_id AND h.class = r.class
                          AND h.place < r.place AND h.run_at IS NULL)
            OR EXISTS (SELECT 1
                         FROM waiting h
                        WHERE h.tax_id = r.tax_id AND h.run_at <= statement_timestamp()
                          AND h.lane_id = r.lane_id AND h.class = r.class AND h.place < r.place)
            OR EXISTS (SELECT 1
                         FROM serves s
                        CROSS JOIN LATERAL (
                              SELECT 1
                                FROM waiting h
                               WHERE h.lane_id = s.lane_id AND h.tax_id = s.tax_id
                                 AND h.class < r.class AND h.run_at IS NULL
                               UNION ALL
                              SELECT 1
                                FROM waiting h
                               WHERE h.tax_id = s.tax_id AND h.run_at <= statement_timestamp()
                                 AND h.lane_id = s.lane_id AND h.class < r.class
                               LIMIT 1) higher
                        CROSS JOIN LATERAL (
                              SELECT g.* FROM lane_gate g WHERE g.id = s.lane_id LIMIT 1) o
                        WHERE s.tax_id = r.tax_id
                          AND o.owner IS NOT NULL
                          AND NOT o.paused
                          AND o.needs_person IS NOT TRUE
                          AND (o.throttled_until > statement_timestamp()) IS NOT TRUE
                          AND (o.current_tax_id IS NOT DISTINCT FROM r.tax_id
                               OR (o.switch_free_at > statement_timestamp()) IS NOT TRUE))))
DELETE FROM running r
 USING back b
 WHERE r.task_id = b.task_id
RETURNING r.task_id
