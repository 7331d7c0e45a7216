-- A page of taxpayers, by tax number.
SELECT p.tax_no, p.name, p.kind, p.channel, p.leqi_mode, p.bureau, p.tax_org, p.period,
       p.paused_by, p.paused_reason, p.paused_since
  FROM taxpayer p
 WHERE p.tax_no > $1
   AND ($2::text IS NULL OR starts_with(p.tax_no, $2))
   AND ($3::text IS NULL OR strpos(p.name, $3) > 0)
   AND ($4::text IS NULL OR p.kind = $4)
   AND ($5::text IS NULL OR p.channel = $5)
   AND ($6::int IS NULL OR p.bureau = $6)
   AND ($7::text IS NULL OR p.tax_org = $7)
   AND ($8::bool IS NULL OR (p.paused_by IS NOT NULL) = $8)
   AND ($9::text[] IS NULL OR p.tax_org = ANY ($9))
 ORDER BY p.tax_no
 LIMIT $10
