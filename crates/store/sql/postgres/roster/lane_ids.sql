SELECT l.id FROM lane l ORDER BY l.id
