INSERT INTO statistic_table (tax_id, period, state)
SELECT p.id, i.period, i.state
  FROM unnest($1::text[], $2::int[], $3::text[]) i(tax_no, period, state)
  JOIN taxpayer p USING (tax_no)
 ORDER BY p.id, i.period
    ON CONFLICT (tax_id, period) DO UPDATE
   SET state = excluded.state, changed_at = clock_timestamp()
