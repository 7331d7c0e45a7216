-- How many of these do not fit any more: the bureau or channel was changed, or the account has
-- stopped receiving for the tax number, since the tasks were judged.
SELECT count(*)
  FROM jsonb_each(?1) i
 CROSS JOIN taxpayer p ON p.id = i.value ->> 'tax_id'
 CROSS JOIN lane l ON l.id = i.value ->> 'lane_id'
  LEFT JOIN serves s ON s.tax_id = p.id AND s.lane_id = l.id
 WHERE l.bureau <> p.bureau
    OR l.channel <> p.channel
    OR (l.channel = 'etax' AND s.may IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM json_each(s.may) m WHERE m.value IN ('receive', 'both')))
