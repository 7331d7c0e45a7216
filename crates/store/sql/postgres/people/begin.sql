INSERT INTO audit (by, reason, action, subject, source, asked, outcome)
VALUES ($1, $2, $3, $4, $5, $6, 'begun')
RETURNING id
