-- The newest operation says how the table stands; figures stay until newer ones are told.
INSERT INTO statistic_table
       (tax_id, period, state, "order", changed_at, figures, figures_at, figures_order)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, iif(?6 IS NULL, NULL, ?7), iif(?6 IS NULL, NULL, ?4))
    ON CONFLICT (tax_id, period) DO UPDATE
   SET state         = excluded.state,
       "order"       = excluded."order",
       changed_at    = excluded.changed_at,
       figures       = coalesce(excluded.figures, figures),
       figures_at    = coalesce(excluded.figures_at, figures_at),
       figures_order = coalesce(excluded.figures_order, figures_order)
 WHERE "order" <= excluded."order"
