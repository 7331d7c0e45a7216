INSERT INTO statistic_table (tax_id, period, state, "order")
SELECT i.tax_id, i.period, i.state, i.fence
  FROM unnest($1::int[], $2::int[], $3::text[], $4::bigint[]) i(tax_id, period, state, fence)
    ON CONFLICT (tax_id, period) DO UPDATE
   SET state = excluded.state, "order" = excluded."order", changed_at = clock_timestamp()
 WHERE statistic_table."order" <= excluded."order"
