-- Who has written which part now. Whoever else would is waiting for the invoice.
INSERT INTO writeback (tax_id, number, code, part, document_id, version, told_at, digest)
SELECT i.tax_id, i.number, i.code, i.part, i.document_id, i.version, i.told_at, i.digest
  FROM jsonb_to_recordset($1::text::jsonb)
       i(tax_id int, number text, code text, part text, document_id text, version bigint,
         told_at bigint, digest text)
    ON CONFLICT (tax_id, number, code, part) DO UPDATE
   SET document_id = excluded.document_id,
       version     = excluded.version,
       told_at     = excluded.told_at,
       digest      = excluded.digest
