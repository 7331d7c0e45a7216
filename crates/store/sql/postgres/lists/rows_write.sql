INSERT INTO list_row (list_id, n, result, body)
SELECT $1, i.n, i.result, i.body
  FROM unnest($2::int[], $3::text[], $4::text[]) i(n, result, body)
    ON CONFLICT (list_id, n) DO UPDATE
   SET result = excluded.result, body = excluded.body
