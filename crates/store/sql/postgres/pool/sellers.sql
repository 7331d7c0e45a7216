-- Sellers whose name contains the text; there are far fewer of them than invoices.
SELECT s.name
  FROM seller s
 WHERE position($1 IN s.name) > 0
 LIMIT $2
