-- The first word of it counts.
UPDATE statistic_version v
   SET withdrawn_at = i.at
  FROM unnest($1::int[], $2::int[], $3::bigint[], $4::timestamptz[]) i(tax_id, period, "order", at)
 WHERE v.tax_id = i.tax_id AND v.period = i.period AND v."order" = i."order"
   AND v.withdrawn_at IS NULL
