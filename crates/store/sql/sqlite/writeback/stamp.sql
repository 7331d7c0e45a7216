-- Who has written which part now.
INSERT INTO writeback (tax_id, number, code, part, document_id, version, told_at, digest)
SELECT i.value ->> 'tax_id', i.value ->> 'number', i.value ->> 'code', i.value ->> 'part',
       i.value ->> 'document_id', i.value ->> 'version', i.value ->> 'told_at',
       i.value ->> 'digest'
  FROM jsonb_each(?1) i
 WHERE true
    ON CONFLICT (tax_id, number, code, part) DO UPDATE
   SET document_id = excluded.document_id,
       version     = excluded.version,
       told_at     = excluded.told_at,
       digest      = excluded.digest
