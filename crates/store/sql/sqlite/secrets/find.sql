SELECT s.sealed
  FROM secret s
 WHERE s.name = ?1
