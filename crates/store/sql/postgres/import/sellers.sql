INSERT INTO seller (name)
SELECT DISTINCT i.name
  FROM unnest($1::text[]) i(name)
 WHERE i.name <> ''
 ORDER BY i.name
    ON CONFLICT (name) DO NOTHING
