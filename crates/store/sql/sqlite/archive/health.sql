SELECT (SELECT count(*) FROM running), (SELECT count(*) FROM parked), (SELECT count(*) FROM outbox)
