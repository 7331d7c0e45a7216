-- The current periods that the bureau named, in tax number order.
UPDATE taxpayer p
   SET period = i.period
  FROM (SELECT k.id, u.period
          FROM unnest($1::int[], $2::int[]) u(id, period)
          JOIN taxpayer k USING (id)
         WHERE k.period IS DISTINCT FROM u.period
         ORDER BY k.id
           FOR NO KEY UPDATE OF k) i
 WHERE p.id = i.id
