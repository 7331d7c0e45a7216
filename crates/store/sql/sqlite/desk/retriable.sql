-- Failed and refused tasks with a known outcome and no retry yet.
SELECT t.task_id, t.reason, b.body
  FROM failure f
 CROSS JOIN task_log t ON t.task_id = f.task_id
 CROSS JOIN task_body b ON b.task_id = f.task_id
 WHERE NOT f.unknown
   AND NOT EXISTS (SELECT 1 FROM retry r WHERE r.failed_task_id = f.task_id)
   AND (?1 IS NULL OR t.state IN (SELECT value FROM json_each(?1)))
   AND (?2 IS NULL OR t.shown_state IN (SELECT value FROM json_each(?2)))
   AND (?3 IS NULL OR t.kind IN (SELECT value FROM json_each(?3)))
   AND (?4 IS NULL OR t.tax_no = ?4)
   AND (?5 IS NULL OR t.bureau = ?5)
   AND (?6 IS NULL OR t.account = ?6)
   AND (?7 IS NULL OR t.batch_id = ?7)
   AND t.enqueued_at >= ?8 AND t.enqueued_at < ?9
   AND (?10 IS NULL OR t.submitted_by = ?11
        OR EXISTS (SELECT 1 FROM taxpayer p
                    WHERE p.tax_no = t.tax_no
                      AND p.tax_org IN (SELECT value FROM json_each(?10))))
 LIMIT ?12
