-- Who serves whom; `may` comes as one text with commas, empty for 乐企.
INSERT INTO serves (tax_id, lane_id, may, default_business)
SELECT p.id, l.id, CASE WHEN i.may <> '' THEN string_to_array(i.may, ',') END,
       nullif(i.default_business, '')
  FROM unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[])
       WITH ORDINALITY i(tax_no, bureau, account, may, default_business, n)
  JOIN taxpayer p USING (tax_no)
  JOIN lane l ON l.bureau = i.bureau AND l.account = i.account
 ORDER BY i.n
    ON CONFLICT (tax_id, lane_id) DO UPDATE
   SET may = excluded.may, default_business = excluded.default_business
