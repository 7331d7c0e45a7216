UPDATE lane
   SET owner = NULL
 WHERE id IN (SELECT value FROM json_each(?2)) AND owner = ?1
RETURNING id
