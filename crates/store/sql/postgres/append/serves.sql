-- The class check looks over a tax number's lanes: a lane that only a task names is one of them.
-- How many of these do not fit any more: the bureau or channel was changed, or the account has
-- stopped receiving for the tax number, since the tasks were judged. append/announce comes first, so
-- that whoever changes these waits for us, or is seen.
WITH asked AS MATERIALIZED (
    SELECT DISTINCT i.tax_id, i.lane_id
      FROM unnest($1::int[], $2::int[]) i(tax_id, lane_id)),
added AS (
    INSERT INTO serves (tax_id, lane_id)
    SELECT a.tax_id, a.lane_id
      FROM asked a
     WHERE NOT EXISTS (SELECT 1 FROM serves s WHERE s.tax_id = a.tax_id AND s.lane_id = a.lane_id)
     ORDER BY 1, 2
        ON CONFLICT DO NOTHING)
SELECT count(*)
  FROM asked a
  JOIN taxpayer p ON p.id = a.tax_id
  JOIN lane l ON l.id = a.lane_id
  LEFT JOIN serves s ON s.tax_id = a.tax_id AND s.lane_id = a.lane_id
 WHERE l.bureau <> p.bureau
    OR l.channel <> p.channel
    OR (l.channel = 'etax' AND NOT s.may && ARRAY['receive', 'both'])
