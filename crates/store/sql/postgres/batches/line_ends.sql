-- Where the task of each invoice stands, and what it has written of it.
SELECT i.n - 1 AS n, t.state, t.reason, l.outcome, l.reason AS line_reason
  FROM unnest($1::uuid[], $2::text[], $3::text[]) WITH ORDINALITY i(task_id, number, code, n)
  JOIN task_log t ON t.task_id = i.task_id
  LEFT JOIN ledger l
    ON l.task_id = i.task_id AND l.invoice_no = i.number AND l.invoice_code = i.code
