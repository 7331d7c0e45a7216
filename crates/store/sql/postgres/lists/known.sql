SELECT asked, created_at
  FROM list_import
 WHERE list_id = $1
