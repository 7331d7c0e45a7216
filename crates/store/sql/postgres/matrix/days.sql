SELECT d.period, d.bureau, d.day, d.by, d.reason,
       (extract(epoch FROM d.at) * 1000000)::bigint AS at
  FROM filing_day d
 ORDER BY d.period DESC, d.bureau
 LIMIT $1
