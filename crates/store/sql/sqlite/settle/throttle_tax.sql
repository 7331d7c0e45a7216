UPDATE taxpayer
   SET throttled_until = max(coalesce(throttled_until, ?2), ?2)
 WHERE id = ?1
