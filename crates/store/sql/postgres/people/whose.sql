-- The user of a token, and whether there is any user.
SELECT EXISTS (SELECT 1 FROM person) AS any,
       (SELECT name FROM person WHERE token_hash = $1) AS name,
       (SELECT grants FROM person WHERE token_hash = $1) AS grants
