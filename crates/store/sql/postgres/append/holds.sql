-- In key order. Fewer rows than asked: somebody took an invoice meanwhile.
INSERT INTO invoice_hold (tax_id, number, code, task_id)
SELECT i.tax_id, i.number, i.code, i.task_id
  FROM unnest($1::int[], $2::text[], $3::text[], $4::uuid[]) i(tax_id, number, code, task_id)
 ORDER BY i.tax_id, i.number, i.code
    ON CONFLICT DO NOTHING
