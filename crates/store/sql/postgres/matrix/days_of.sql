SELECT d.period, d.bureau, d.day, d.by, d.reason,
       (extract(epoch FROM d.at) * 1000000)::bigint AS at
  FROM filing_day d
 WHERE d.period = ANY ($1::int[])
 ORDER BY d.period, d.bureau
