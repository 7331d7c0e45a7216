-- Gates of these tax numbers, and who holds them; the lane only when a slot of it is held too.
SELECT p.id, p.paused_by, p.paused_reason, p.paused_since, p.throttled_until,
       r.task_id, k.kind, k.tax_no, r.since, l.bureau, l.account
  FROM json_each(?1) i
 CROSS JOIN taxpayer p ON p.id = i.value
  LEFT JOIN running r ON r.tax_id = p.id
  LEFT JOIN task_log k ON k.task_id = r.task_id
  LEFT JOIN lane l ON l.id = r.lane_id AND r.n IS NOT NULL
