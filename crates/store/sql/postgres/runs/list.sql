-- A page, newest first. Of whoever is held to organisations: a run is looked at until the first of
-- its tax numbers that is none of theirs. As a subquery, and in its collation, each is one step of the
-- index of tax numbers.
SELECT r.head
  FROM run r
 WHERE ($1::timestamptz IS NULL OR (r.created_at, r.run_id COLLATE "C") < ($1, $2::text))
   AND ($4::text[] IS NULL
        OR NOT EXISTS (SELECT
                         FROM run_part a
                        WHERE a.run_id = r.run_id
                          AND NOT coalesce((SELECT p.tax_org <> '' AND p.tax_org = ANY ($4)
                                              FROM taxpayer p
                                             WHERE p.tax_no = a.tax_no COLLATE "default"),
                                           false)))
 ORDER BY r.created_at DESC, r.run_id COLLATE "C" DESC
 LIMIT $3
