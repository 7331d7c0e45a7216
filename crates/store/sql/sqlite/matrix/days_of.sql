SELECT d.period, d.bureau, d.day, d.by, d.reason, d.at
  FROM filing_day d
 WHERE d.period IN (SELECT value FROM json_each(?1))
 ORDER BY d.period, d.bureau
