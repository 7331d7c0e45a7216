-- Tasks of these tax numbers that wait for an account.
SELECT h.task_id
  FROM json_each(?1) i
 CROSS JOIN taxpayer p ON p.tax_no = i.value
 CROSS JOIN held h ON h.tax_id = p.id
