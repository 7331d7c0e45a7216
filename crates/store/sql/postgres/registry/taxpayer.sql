SELECT p.tax_no, p.name, p.kind, p.channel, p.leqi_mode, p.bureau, p.tax_org, p.period,
       p.paused_by, p.paused_reason, p.paused_since
  FROM taxpayer p
 WHERE p.tax_no = $1
