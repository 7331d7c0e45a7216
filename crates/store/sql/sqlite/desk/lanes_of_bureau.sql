SELECT id FROM lane WHERE bureau = ?1 ORDER BY id
