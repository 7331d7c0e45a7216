-- Which of these invoices an unfinished task holds.
SELECT h.tax_id, h.number, h.code
  FROM jsonb_each(?1) i
 CROSS JOIN invoice_hold h
    ON h.tax_id = i.value ->> 'tax_id'
   AND h.number = i.value ->> 'number'
   AND h.code = i.value ->> 'code'
