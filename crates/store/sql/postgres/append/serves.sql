-- The class check looks over a tax number's lanes: a lane that only a task names is one of them.
INSERT INTO serves (tax_id, lane_id)
SELECT DISTINCT i.tax_id, i.lane_id
  FROM unnest($1::int[], $2::int[]) i(tax_id, lane_id)
 WHERE NOT EXISTS (SELECT 1 FROM serves s WHERE s.tax_id = i.tax_id AND s.lane_id = i.lane_id)
 ORDER BY 1, 2
    ON CONFLICT DO NOTHING
