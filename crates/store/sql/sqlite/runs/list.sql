-- A page, newest first. Of whoever is held to organisations: a run is looked at until the first of
-- its tax numbers that is none of theirs.
SELECT r.head
  FROM run r
 WHERE r.created_at <= ?1 AND (r.created_at < ?1 OR r.run_id < ?2)
   AND (?4 IS NULL
        OR NOT EXISTS (SELECT 1
                         FROM run_part a
                        WHERE a.run_id = r.run_id
                          AND NOT coalesce((SELECT p.tax_org <> ''
                                                   AND p.tax_org IN (SELECT value
                                                                       FROM json_each(?4))
                                              FROM taxpayer p
                                             WHERE p.tax_no = a.tax_no), 0)))
 ORDER BY r.created_at DESC, r.run_id DESC
 LIMIT ?3
