-- A page of the audit, newest first.
SELECT id, (extract(epoch FROM at) * 1000000)::bigint AS at, by, reason, action, subject, source,
       asked, outcome, before, after
  FROM audit
 WHERE ($1::bigint IS NULL OR id < $1)
   AND ($2::text IS NULL OR by = $2)
   AND ($3::text IS NULL OR action = $3)
   AND ($4::text IS NULL OR position($4 IN subject) > 0)
   AND ($5::timestamptz IS NULL OR at >= $5)
   AND ($6::timestamptz IS NULL OR at < $6)
 ORDER BY id DESC
 LIMIT $7
