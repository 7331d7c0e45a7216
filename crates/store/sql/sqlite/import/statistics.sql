INSERT INTO statistic_table (tax_id, period, state, changed_at)
SELECT p.id, i.value ->> 'period', i.value ->> 'state', ?2
  FROM jsonb_each(?1) i
 CROSS JOIN taxpayer p ON p.tax_no = i.value ->> 'tax_no'
 WHERE true
    ON CONFLICT (tax_id, period) DO UPDATE
   SET state = excluded.state, changed_at = excluded.changed_at
