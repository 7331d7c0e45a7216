INSERT INTO invoice_hold (tax_id, number, code, task_id)
SELECT value ->> 'tax_id', value ->> 'number', value ->> 'code', unhex(value ->> 'task_id')
  FROM jsonb_each(?1)
