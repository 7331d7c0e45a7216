INSERT INTO parked (task_id, lane_id, tax_id, class, place, since, epoch, until)
SELECT i.task_id, i.lane_id, i.tax_id, i.class, i.place, i.since, i.epoch, i.until
  FROM unnest($1::uuid[], $2::int[], $3::int[], $4::smallint[], $5::bigint[], $6::timestamptz[],
              $7::bigint[], $8::timestamptz[])
       i(task_id, lane_id, tax_id, class, place, since, epoch, until)
