SELECT at, by, reason, action, subject
  FROM audit
 ORDER BY id DESC
 LIMIT ?1
