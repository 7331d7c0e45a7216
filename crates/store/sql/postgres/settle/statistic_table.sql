-- The newest operation says how the table stands; figures stay until newer ones are told.
INSERT INTO statistic_table AS t (tax_id, period, state, "order", figures, figures_at, figures_order)
SELECT i.tax_id, i.period, i.state, i.fence, i.figures,
       CASE WHEN i.figures IS NOT NULL THEN i.at END, CASE WHEN i.figures IS NOT NULL THEN i.fence END
  FROM unnest($1::int[], $2::int[], $3::text[], $4::bigint[], $5::text[], $6::timestamptz[])
       i(tax_id, period, state, fence, figures, at)
    ON CONFLICT (tax_id, period) DO UPDATE
   SET state         = excluded.state,
       "order"       = excluded."order",
       changed_at    = clock_timestamp(),
       figures       = coalesce(excluded.figures, t.figures),
       figures_at    = coalesce(excluded.figures_at, t.figures_at),
       figures_order = coalesce(excluded.figures_order, t.figures_order)
 WHERE t."order" <= excluded."order"
