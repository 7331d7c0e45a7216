-- Only its owner says so. No gate changes: what waits may start.
UPDATE lane l
   SET full_since = CASE WHEN i.is_full THEN coalesce(l.full_since, clock_timestamp()) END
  FROM unnest($2::int[], $3::boolean[]) i(id, is_full)
 WHERE l.id = i.id AND l.owner = $1
