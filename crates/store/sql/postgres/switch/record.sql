INSERT INTO account_switch (lane_id, tax_id, fence, at)
SELECT i.lane_id, i.tax_id, i.fence, $4
  FROM unnest($1::int[], $2::int[], $3::bigint[]) i(lane_id, tax_id, fence)
