-- The account's row is the one place where logins and parks meet.
SELECT a.lane_id, a.epoch, a.seen_at
  FROM lane l
  JOIN account a ON a.lane_id = l.id
 WHERE l.bureau = $1 AND l.account = $2
   FOR NO KEY UPDATE OF a
