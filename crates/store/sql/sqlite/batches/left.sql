-- What somebody left in the middle of submitting.
SELECT batch_id
  FROM batch_request
 WHERE state = 'submitting' AND changed_at <= ?1
 ORDER BY changed_at
 LIMIT ?2
