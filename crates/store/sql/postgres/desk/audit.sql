INSERT INTO audit (by, reason, action, subject)
SELECT $1, $2, $3, s.subject FROM unnest($4::text[]) s(subject)
