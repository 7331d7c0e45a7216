-- Where the task of each invoice stands, and what it has written of it.
SELECT i.key AS n, t.state, t.reason, l.outcome, l.reason AS line_reason
  FROM jsonb_each(?1) i
 CROSS JOIN task_log t ON t.task_id = unhex(i.value ->> 'task_id')
  LEFT JOIN ledger l
    ON l.task_id = t.task_id
   AND l.invoice_no = i.value ->> 'number'
   AND l.invoice_code = i.value ->> 'code'
