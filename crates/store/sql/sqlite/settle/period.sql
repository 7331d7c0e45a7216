UPDATE taxpayer SET period = ?2 WHERE id = ?1
