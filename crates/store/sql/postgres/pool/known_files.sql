-- What is noted of these layout files of one tax number. Locked in the order of their keys.
SELECT f.number, f.code, f.format, f.sha256
  FROM (SELECT $1::int AS tax_id, u.number, u.code, u.format
          FROM unnest($2::text[], $3::text[], $4::text[]) u(number, code, format)
        -- Apart from the rest, so that each goes by the whole key (ADR 5).
        OFFSET 0) i
  JOIN invoice_file f
    ON f.tax_id = i.tax_id AND f.number = i.number AND f.code = i.code AND f.format = i.format
 ORDER BY f.number, f.code, f.format
   FOR NO KEY UPDATE OF f
