-- Which of these invoices an unfinished task holds.
SELECT h.tax_id, h.number, h.code
  FROM unnest($1::int[], $2::text[], $3::text[]) i(tax_id, number, code)
  JOIN invoice_hold h USING (tax_id, number, code)
