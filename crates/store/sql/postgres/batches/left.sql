-- What somebody left in the middle of submitting.
SELECT batch_id
  FROM batch_request
 WHERE state = 'submitting' AND changed_at <= clock_timestamp() - make_interval(secs => $1)
 ORDER BY changed_at
 LIMIT $2
