INSERT INTO audit (at, by, reason, action, subject) VALUES (?1, ?2, ?3, ?4, ?5)
