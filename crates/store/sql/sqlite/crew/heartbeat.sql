-- No row: the lease was over.
UPDATE worker
   SET alive_until = ?3, leaving = ?4
 WHERE id = ?1 AND alive_until > ?2
