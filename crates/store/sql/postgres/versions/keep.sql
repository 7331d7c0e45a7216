-- Each once, by the fence of the task that told of it.
INSERT INTO statistic_version
       (tax_id, period, "order", task_id, kind, state, figures, figures_at, figures_order, ours, at)
SELECT i.tax_id, i.period, i.fence, i.task_id, i.kind, i.state, s.figures, s.figures_at,
       s.figures_order, i.ours, i.at
  FROM unnest($1::int[], $2::int[], $3::bigint[], $4::uuid[], $5::text[], $6::text[], $7::text[],
              $8::timestamptz[])
       i(tax_id, period, fence, task_id, kind, state, ours, at)
  LEFT JOIN statistic_table s ON s.tax_id = i.tax_id AND s.period = i.period
    ON CONFLICT (tax_id, period, "order") DO NOTHING
