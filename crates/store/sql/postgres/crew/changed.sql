-- The worker's lanes that a transaction changed which was not over at the mark. Some of it was seen
-- already; nothing is missed, however long a transaction took.
SELECT l.id
  FROM lane l
 WHERE l.owner = $1 AND l.changed >= ($2::bigint)::text::xid8
