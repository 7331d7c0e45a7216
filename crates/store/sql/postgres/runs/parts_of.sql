SELECT i.n, r.part
  FROM unnest($2::text[]) WITH ORDINALITY i(tax_no, n)
  JOIN run_part r ON r.run_id = $1 AND r.tax_no = i.tax_no
