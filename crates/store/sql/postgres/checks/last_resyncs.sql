-- How far the newest resync of each is.
SELECT i.n, (extract(epoch FROM r.asked_at) * 1000000)::bigint AS asked_at, r.by,
       cardinality(r.tasks)::bigint AS tasks, t.ended, t.failed,
       (extract(epoch FROM t.last) * 1000000)::bigint AS last
  FROM unnest($1::text[], $2::int[]) WITH ORDINALITY i(tax_no, period, n)
  JOIN taxpayer p ON p.tax_no = i.tax_no
  JOIN resync r ON r.tax_id = p.id AND r.period = i.period
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE l.finished_at IS NOT NULL) AS ended,
              count(*) FILTER (WHERE l.finished_at IS NOT NULL AND l.state <> 'done') AS failed,
              max(l.finished_at) AS last
         FROM unnest(r.tasks) task(id)
         JOIN task_log l ON l.task_id = task.id) t
 ORDER BY i.n
