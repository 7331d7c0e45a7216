UPDATE taxpayer p
   SET period = $2
 WHERE p.id = $1 AND p.period IS DISTINCT FROM $2
