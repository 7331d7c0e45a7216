DELETE FROM bureau_pause b WHERE b.bureau = $1
