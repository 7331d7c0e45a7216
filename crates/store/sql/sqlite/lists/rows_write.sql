INSERT INTO list_row (list_id, n, result, body)
SELECT ?1, i.value ->> 'n', i.value ->> 'result', i.value ->> 'body'
  FROM json_each(?2) i
 WHERE true
    ON CONFLICT (list_id, n) DO UPDATE
   SET result = excluded.result, body = excluded.body
