INSERT INTO ledger (task_id, invoice_no, invoice_code, action, outcome, reason, at)
SELECT i.task_id, i.number, i.code, i.action, i.outcome, i.reason, t.at
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
       i(task_id, number, code, action, outcome, reason)
 CROSS JOIN (SELECT clock_timestamp() AS at) t
