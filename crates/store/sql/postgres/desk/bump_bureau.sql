UPDATE lane l
   SET version = nextval('gate_version')
 WHERE l.bureau = $1
RETURNING l.id
