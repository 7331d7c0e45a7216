INSERT INTO parked (task_id, lane_id, tax_id, class, place, epoch)
SELECT i.task_id, i.lane_id, i.tax_id, i.class, i.place, i.epoch
  FROM unnest($1::uuid[], $2::int[], $3::int[], $4::smallint[], $5::bigint[], $6::bigint[])
       i(task_id, lane_id, tax_id, class, place, epoch)
