SELECT count(*)
  FROM (SELECT 1
          FROM waiting
         WHERE lane_id = ?1 AND run_at IS NULL
         LIMIT ?2)
