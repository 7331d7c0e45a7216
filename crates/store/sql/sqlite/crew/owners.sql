-- Everybody's lanes that changed after the mark.
SELECT id, bureau, account, owner FROM lane WHERE version > ?1 ORDER BY id
