-- How far the newest resync of each is.
SELECT i.key + 1 AS n, r.asked_at, r.by, json_array_length(r.tasks) AS tasks,
       count(l.finished_at) AS ended,
       count(CASE WHEN l.finished_at IS NOT NULL AND l.state <> 'done' THEN 1 END) AS failed,
       max(l.finished_at) AS last
  FROM json_each(?1) i
 CROSS JOIN taxpayer p ON p.tax_no = i.value ->> '$[0]'
 CROSS JOIN resync r ON r.tax_id = p.id AND r.period = i.value ->> '$[1]'
  LEFT JOIN json_each(r.tasks) task
  LEFT JOIN task_log l ON l.task_id = unhex(task.value)
 GROUP BY i.key
 ORDER BY i.key
