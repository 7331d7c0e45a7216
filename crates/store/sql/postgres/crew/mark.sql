SELECT (SELECT last_value FROM place) AS place, (SELECT coalesce(max(version), 0) FROM lane) AS version
