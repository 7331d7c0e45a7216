SELECT lane_id FROM serves WHERE tax_id = ?1 ORDER BY lane_id
