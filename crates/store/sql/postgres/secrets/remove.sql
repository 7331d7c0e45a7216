DELETE FROM secret WHERE name = ANY ($1::text[])
RETURNING name
