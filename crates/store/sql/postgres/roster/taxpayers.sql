SELECT i.n, p.id AS tax_id, p.tax_no, p.name, p.kind AS taxpayer_kind, p.channel AS taxpayer_channel,
       p.leqi_mode, p.bureau AS taxpayer_bureau, p.tax_org, p.period, p.statistic_order,
       ARRAY (SELECT c.account
                FROM serves s
                JOIN lane c ON c.id = s.lane_id
               WHERE s.tax_id = p.id AND s.may && ARRAY['receive', 'both']
               ORDER BY s.default_business IN ('receive', 'both') DESC, s.rank) AS accounts
  FROM unnest($1::text[]) WITH ORDINALITY i(tax_no, n)
  JOIN taxpayer p USING (tax_no)
