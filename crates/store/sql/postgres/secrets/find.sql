SELECT s.name, s.sealed
  FROM secret s
 WHERE s.name = ANY ($1::text[])
