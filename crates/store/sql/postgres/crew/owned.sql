SELECT l.id FROM lane l WHERE l.owner = $1 ORDER BY l.id
