SELECT name, grants FROM person ORDER BY name
