UPDATE taxpayer p
   SET throttled_until = greatest(p.throttled_until, clock_timestamp() + make_interval(secs => i.after))
  FROM unnest($1::int[], $2::float8[]) i(id, after)
 WHERE p.id = i.id
