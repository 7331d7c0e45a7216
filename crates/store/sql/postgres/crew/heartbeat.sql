UPDATE worker w
   SET alive_until = clock_timestamp() + make_interval(secs => $2), leaving = $3
 WHERE w.id = $1 AND w.alive_until > clock_timestamp()
