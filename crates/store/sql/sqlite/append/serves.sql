-- The class check looks over a tax number's lanes: a lane that only a task names is one of them.
INSERT INTO serves (tax_id, lane_id)
SELECT DISTINCT value ->> 'tax_id', value ->> 'lane_id'
  FROM jsonb_each(?1)
 WHERE NOT EXISTS (SELECT 1 FROM serves s
                    WHERE s.tax_id = value ->> 'tax_id' AND s.lane_id = value ->> 'lane_id')
