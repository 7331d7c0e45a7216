UPDATE lane SET width = ?2 WHERE id = ?1
