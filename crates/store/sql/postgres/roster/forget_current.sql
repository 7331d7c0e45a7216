UPDATE lane l
   SET current_tax_id = NULL, version = nextval('gate_version')
 WHERE l.id = $1
