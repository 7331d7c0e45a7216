-- Which document wrote which part of these invoices last.
SELECT p.tax_no, w.number, w.code, w.part, w.document_id, w.version, w.told_at, w.digest
  FROM jsonb_each(?1) i
  JOIN taxpayer p ON p.tax_no = i.value ->> 'tax_no'
  JOIN writeback w
    ON w.tax_id = p.id AND w.number = i.value ->> 'number' AND w.code = i.value ->> 'code'
