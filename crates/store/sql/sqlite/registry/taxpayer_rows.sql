-- A page of taxpayers, by tax number.
SELECT p.tax_no, p.name, p.kind, p.channel, p.leqi_mode, p.bureau, p.tax_org, p.period,
       p.paused_by, p.paused_reason, p.paused_since
  FROM taxpayer p
 WHERE p.tax_no > ?1
   AND (?2 IS NULL OR substr(p.tax_no, 1, length(?2)) = ?2)
   AND (?3 IS NULL OR instr(p.name, ?3) > 0)
   AND (?4 IS NULL OR p.kind = ?4)
   AND (?5 IS NULL OR p.channel = ?5)
   AND (?6 IS NULL OR p.bureau = ?6)
   AND (?7 IS NULL OR p.tax_org = ?7)
   AND (?8 IS NULL OR (p.paused_by IS NOT NULL) = ?8)
   AND (?9 IS NULL OR p.tax_org IN (SELECT value FROM json_each(?9)))
 ORDER BY p.tax_no
 LIMIT ?10
