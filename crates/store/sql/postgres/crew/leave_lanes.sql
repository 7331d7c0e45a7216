UPDATE lane l
   SET owner = NULL, version = nextval('gate_version')
  FROM (SELECT k.id FROM lane k WHERE k.owner = $1 ORDER BY k.id FOR NO KEY UPDATE) i
 WHERE l.id = i.id
