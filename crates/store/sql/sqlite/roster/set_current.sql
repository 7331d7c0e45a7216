UPDATE lane SET current_tax_id = ?2, switch_free_at = ?3 WHERE id = ?1
