-- Cached readings that were asked for under an earlier fence count as none from now on.
UPDATE taxpayer
   SET statistic_order = max(statistic_order, ?2)
 WHERE id = ?1
