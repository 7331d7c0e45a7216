UPDATE lane l
   SET throttled_until = greatest(l.throttled_until, clock_timestamp() + make_interval(secs => i.after)),
       changed         = pg_current_xact_id()
  FROM (SELECT k.id, max(u.after) AS after
          FROM unnest($1::int[], $2::float8[]) u(id, after)
          JOIN lane k USING (id)
         GROUP BY k.id) i
 WHERE l.id = i.id
