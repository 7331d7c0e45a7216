-- Cached readings that were asked for under an earlier fence count as none from now on.
UPDATE taxpayer p
   SET statistic_order = greatest(p.statistic_order, i.fence)
  FROM unnest($1::int[], $2::bigint[]) i(id, fence)
 WHERE p.id = i.id
