DELETE FROM bureau_pause WHERE bureau = ?1
