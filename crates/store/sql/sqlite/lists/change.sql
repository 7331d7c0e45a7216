-- Only over the version that was read.
UPDATE list_import
   SET head = ?3, version = version + 1
 WHERE list_id = ?1 AND version = ?2
