DELETE FROM outbox o WHERE o.number = ANY ($1::bigint[])
