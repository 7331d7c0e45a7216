-- Everybody's lanes that a transaction changed which was not over at the mark.
SELECT l.id, l.bureau, l.account, l.owner
  FROM lane l
 WHERE l.changed >= ($1::bigint)::text::xid8
