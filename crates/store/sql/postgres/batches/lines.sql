SELECT part::bigint AS part, at::bigint AS at, number, code, invoice_type::bigint AS invoice_type,
       reason, reason_text
  FROM batch_line
 WHERE batch_id = $1 AND n >= $2
 ORDER BY n
 LIMIT $3
