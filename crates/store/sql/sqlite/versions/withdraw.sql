-- The first word of it counts.
UPDATE statistic_version
   SET withdrawn_at = ?4
 WHERE tax_id = ?1 AND period = ?2 AND "order" = ?3 AND withdrawn_at IS NULL
