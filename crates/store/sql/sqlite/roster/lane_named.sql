SELECT id FROM lane WHERE bureau = ?1 AND account = ?2
