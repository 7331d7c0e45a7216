SELECT d.period, d.bureau, d.day, d.by, d.reason, d.at
  FROM filing_day d
 ORDER BY d.period DESC, d.bureau
 LIMIT ?1
