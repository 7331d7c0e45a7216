-- How many of these need not be held any more: an account has begun to receive for the tax number,
-- or it has gone to 乐企, since the tasks were judged.
SELECT count(*)
  FROM jsonb_each(?1) i
 CROSS JOIN taxpayer p ON p.id = i.value
 WHERE CASE p.channel
       WHEN 'etax' THEN EXISTS (SELECT 1
                                  FROM serves s
                                 CROSS JOIN json_each(s.may) m
                                 WHERE s.tax_id = p.id AND m.value IN ('receive', 'both'))
       WHEN 'leqi' THEN EXISTS (SELECT 1 FROM lane l
                                 WHERE l.bureau = p.bureau AND l.account = 'leqi')
       ELSE 0
       END
