-- Which document wrote which part of these invoices last.
SELECT p.tax_no, w.number, w.code, w.part, w.document_id, w.version, w.told_at, w.digest
  FROM jsonb_to_recordset($1::text::jsonb) i(tax_no text, number text, code text)
  JOIN taxpayer p ON p.tax_no = i.tax_no
  JOIN writeback w ON w.tax_id = p.id AND w.number = i.number AND w.code = i.code
