-- A tax number that the store does not know is left alone.
INSERT INTO serves (tax_id, lane_id, may, default_business)
SELECT p.id, i.value ->> 'lane_id', i.value ->> 'may', i.value ->> 'default_business'
  FROM jsonb_each(?1) i
 CROSS JOIN taxpayer p ON p.tax_no = i.value ->> 'tax_no'
 WHERE true
    ON CONFLICT (tax_id, lane_id) DO UPDATE
   SET may = coalesce(excluded.may, may),
       default_business = coalesce(excluded.default_business, default_business)
