-- A page of the audit, newest first.
SELECT id, at, by, reason, action, subject, source, asked, outcome, before, after
  FROM audit
 WHERE (?1 IS NULL OR id < ?1)
   AND (?2 IS NULL OR by = ?2)
   AND (?3 IS NULL OR action = ?3)
   AND (?4 IS NULL OR instr(subject, ?4) > 0)
   AND (?5 IS NULL OR at >= ?5)
   AND (?6 IS NULL OR at < ?6)
 ORDER BY id DESC
 LIMIT ?7
