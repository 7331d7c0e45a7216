-- What a run chose, in its order.
SELECT p.tax_no, t.number, t.code, t.invoice_type AS invoice_type, t.tax
  FROM automatic_try t
 CROSS JOIN taxpayer p ON p.id = t.tax_id
 WHERE t.rule_id = ?1 AND t.at = ?2
 ORDER BY t.n
