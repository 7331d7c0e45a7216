-- Layout files of one tax number, kept now (?3). A newer one takes the place of the older.
INSERT INTO invoice_file (tax_id, number, code, format, bytes, sha256, at)
SELECT ?1, i.value ->> 'number', i.value ->> 'code', i.value ->> 'format', i.value ->> 'bytes',
       i.value ->> 'sha256', ?3
  FROM jsonb_each(?2) i
 WHERE true
    ON CONFLICT (tax_id, number, code, format) DO UPDATE
   SET bytes = excluded.bytes, sha256 = excluded.sha256, at = excluded.at
