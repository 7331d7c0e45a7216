-- How many of these need not be held any more: an account has begun to receive for the tax number,
-- or it has gone to 乐企, since the tasks were judged. append/announce comes first, so that whoever
-- writes that waits for us, or is seen.
SELECT count(*)
  FROM taxpayer p
 WHERE p.id = ANY ($1::int[])
   AND CASE p.channel
       WHEN 'etax' THEN EXISTS (SELECT 1 FROM serves s
                                 WHERE s.tax_id = p.id AND s.may && ARRAY['receive', 'both'])
       WHEN 'leqi' THEN EXISTS (SELECT 1 FROM lane l
                                 WHERE l.bureau = p.bureau AND l.account = 'leqi')
       ELSE false
       END
