-- The layout files of one invoice.
SELECT f.format, f.bytes, f.sha256, (extract(epoch FROM f.at) * 1000000)::bigint AS at
  FROM invoice_file f
 WHERE f.tax_id = (SELECT t.id FROM taxpayer t WHERE t.tax_no = $1)
   AND f.number = $2
   AND f.code = $3
