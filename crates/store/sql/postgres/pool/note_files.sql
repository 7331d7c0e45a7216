-- Layout files of one tax number, kept now. A newer one takes the place of the older.
INSERT INTO invoice_file (tax_id, number, code, format, bytes, sha256, at)
SELECT $1::int, i.number, i.code, i.format, i.bytes, i.sha256, clock_timestamp()
  FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[])
       i(number, code, format, bytes, sha256)
 ORDER BY i.number, i.code, i.format
    ON CONFLICT (tax_id, number, code, format) DO UPDATE
   SET bytes = excluded.bytes, sha256 = excluded.sha256, at = excluded.at
