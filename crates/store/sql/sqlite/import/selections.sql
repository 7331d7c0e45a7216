-- What a file says of selections; a period goes with what has none.
-- Made first, or the planner could go over the whole pool.
WITH i AS MATERIALIZED (
    SELECT p.id AS tax_id, j.value ->> 'number' AS number, j.value ->> 'code' AS code,
           j.value ->> 'selection' AS selection, j.value ->> 'has_period' AS has_period
      FROM jsonb_each(?1) j
     CROSS JOIN taxpayer p ON p.tax_no = j.value ->> 'tax_no')
UPDATE invoice AS v
   SET selection = i.selection, period = CASE WHEN i.has_period THEN v.period END
  FROM i
 WHERE v.tax_id = i.tax_id AND v.number = i.number AND v.code = i.code
