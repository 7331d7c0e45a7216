-- Why these waiting tasks do not start: what domain::schedule::admit wants to know of each.
-- The slot's holder is that of `n`; without one, of the lowest slot of a lane that is full.
SELECT w.task_id, w.place, w.tax_id, w.lane_id, w.run_at, t.kind, t.tax_no,
       p.paused_by, p.paused_reason, p.paused_since, p.throttled_until,
       h.task_id AS tax_task, h.kind AS tax_kind, h.tax_no AS tax_tax_no, h.since AS tax_since,
       h.bureau AS tax_bureau, h.account AS tax_account,
       s.task_id AS slot_task, s.kind AS slot_kind, s.tax_no AS slot_tax_no, s.since AS slot_since
  FROM unnest($1::uuid[], $2::smallint[]) i(task_id, n)
  JOIN waiting w ON w.task_id = i.task_id
  JOIN task_log t ON t.task_id = w.task_id
  JOIN taxpayer p ON p.id = w.tax_id
  LEFT JOIN LATERAL (
       SELECT r.task_id, k.kind, k.tax_no, r.since, l.bureau, l.account
         FROM running r
         JOIN task_log k ON k.task_id = r.task_id
         LEFT JOIN lane l ON l.id = r.lane_id AND r.n IS NOT NULL
        WHERE r.tax_id = w.tax_id) h ON true
  LEFT JOIN LATERAL (
       SELECT r.task_id, k.kind, k.tax_no, r.since
         FROM running r
         JOIN task_log k ON k.task_id = r.task_id
        WHERE r.lane_id = w.lane_id
          AND r.n IS NOT NULL
          AND (r.n = i.n
               OR (i.n IS NULL
                   AND (SELECT count(*) FROM running f WHERE f.lane_id = w.lane_id AND f.n IS NOT NULL)
                       >= (SELECT l.width FROM lane l WHERE l.id = w.lane_id)))
        ORDER BY r.n
        LIMIT 1) s ON true
