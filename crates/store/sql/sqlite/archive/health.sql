SELECT (SELECT count(*) FROM running), (SELECT count(*) FROM parked),
       (SELECT count(*) FROM outbox), (SELECT count(*) FROM lane WHERE full_since IS NOT NULL)
