SELECT i.n, l.id
  FROM unnest($1::int[], $2::text[]) WITH ORDINALITY i(bureau, account, n)
  JOIN lane l ON l.bureau = i.bureau AND l.account = i.account
