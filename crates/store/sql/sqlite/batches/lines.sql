SELECT part, at, number, code, invoice_type, reason, reason_text
  FROM batch_line
 WHERE batch_id = ?1 AND n >= ?2
 ORDER BY n
 LIMIT ?3
