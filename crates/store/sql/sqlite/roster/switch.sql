INSERT INTO account_switch (lane_id, tax_id, fence, at) VALUES (?1, ?2, ?3, ?4)
