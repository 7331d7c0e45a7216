SELECT s.name
  FROM secret s
 ORDER BY s.name
