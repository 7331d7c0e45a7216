UPDATE lane l
   SET current_tax_id = $2, switch_free_at = $3, version = nextval('gate_version')
 WHERE l.id = $1
