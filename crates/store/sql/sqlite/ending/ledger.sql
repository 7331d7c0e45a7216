INSERT INTO ledger (task_id, invoice_no, invoice_code, action, outcome, reason, at)
SELECT unhex(value ->> 'task_id'), value ->> 'number', value ->> 'code', value ->> 'action',
       value ->> 'outcome', value ->> 'reason', ?2
  FROM jsonb_each(?1)
