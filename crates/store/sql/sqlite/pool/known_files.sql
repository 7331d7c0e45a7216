-- What is noted of these layout files of one tax number.
SELECT f.number, f.code, f.format, f.sha256
  FROM jsonb_each(?2) i
 CROSS JOIN invoice_file f
    ON f.tax_id = ?1 AND f.number = i.value ->> 'number' AND f.code = i.value ->> 'code'
   AND f.format = i.value ->> 'format'
