-- This worker's lanes whose gates changed after the mark.
SELECT id FROM lane WHERE owner = ?1 AND version > ?2 ORDER BY id
