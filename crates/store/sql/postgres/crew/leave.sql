-- The number is kept for a while, dead: it is never used again.
UPDATE worker w
   SET alive_until = least(w.alive_until, clock_timestamp()), leaving = true
 WHERE w.id = $1
