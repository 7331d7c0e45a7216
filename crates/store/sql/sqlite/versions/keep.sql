-- Once, by the fence of the task that told of it.
INSERT INTO statistic_version
       (tax_id, period, "order", task_id, kind, state, figures, figures_at, figures_order, ours, at,
        file_due)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, s.figures, s.figures_at, s.figures_order, ?7, ?8, ?9
  FROM (SELECT ?1 AS tax_id, ?2 AS period) i
  LEFT JOIN statistic_table s ON s.tax_id = i.tax_id AND s.period = i.period
 WHERE true
    ON CONFLICT (tax_id, period, "order") DO NOTHING
