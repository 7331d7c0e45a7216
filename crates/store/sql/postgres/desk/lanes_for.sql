SELECT s.lane_id FROM serves s WHERE s.tax_id = $1 ORDER BY s.lane_id
