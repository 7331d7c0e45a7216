-- Tasks of a tax number that have not ended; of one lane alone when it is named. What waits stands in
-- a lane of `serves`, since the append wrote it there.
SELECT (SELECT count(*)
          FROM serves s
         CROSS JOIN waiting w ON w.lane_id = s.lane_id AND w.tax_id = s.tax_id
         WHERE s.tax_id = ?1 AND w.run_at IS NULL AND (?2 IS NULL OR s.lane_id = ?2))
     + (SELECT count(*)
          FROM waiting w
         WHERE w.tax_id = ?1 AND w.run_at IS NOT NULL AND (?2 IS NULL OR w.lane_id = ?2))
     + (SELECT count(*)
          FROM serves s
         CROSS JOIN parked k ON k.lane_id = s.lane_id AND k.tax_id = s.tax_id
         WHERE s.tax_id = ?1 AND (?2 IS NULL OR s.lane_id = ?2))
     + (SELECT count(*) FROM held h WHERE h.tax_id = ?1 AND ?2 IS NULL)
     + (SELECT count(*)
          FROM running r
         WHERE r.tax_id = ?1 AND (?2 IS NULL OR r.lane_id = ?2))
