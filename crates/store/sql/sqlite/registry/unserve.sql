-- It may do nothing for the tax number any more. The row stays: it says that somebody ended it, and
-- where tasks stood.
UPDATE serves SET may = '[]' WHERE tax_id = ?1 AND lane_id = ?2
