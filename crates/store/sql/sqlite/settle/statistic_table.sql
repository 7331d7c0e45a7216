INSERT INTO statistic_table (tax_id, period, state, "order", changed_at)
VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (tax_id, period) DO UPDATE
   SET state = excluded.state, "order" = excluded."order", changed_at = excluded.changed_at
 WHERE "order" <= excluded."order"
