SELECT id FROM lane WHERE owner = ?1 ORDER BY id
