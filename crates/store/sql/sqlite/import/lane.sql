-- Its version comes with the bump at the end of the import.
INSERT INTO lane (bureau, account, channel, width, version) VALUES (?1, ?2, ?3, ?4, 0)
RETURNING id
