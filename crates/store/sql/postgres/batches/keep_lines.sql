INSERT INTO batch_line (batch_id, n, part, at, number, code, invoice_type, reason, reason_text)
SELECT $1, i.n - 1, i.part, i.at, i.number, i.code, i.invoice_type, i.reason, i.reason_text
  FROM unnest($2::int[], $3::int[], $4::text[], $5::text[], $6::smallint[], $7::text[], $8::text[])
       WITH ORDINALITY i(part, at, number, code, invoice_type, reason, reason_text, n)
