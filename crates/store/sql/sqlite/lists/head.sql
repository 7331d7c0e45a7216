SELECT head
  FROM list_import
 WHERE list_id = ?1
