INSERT INTO audit (by, reason, action, subject, source, asked, outcome, at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'begun', ?7)
RETURNING id
