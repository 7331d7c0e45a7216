-- What waits and may start, by class, and since when the oldest does. Over an index alone, but
-- over all of it: for gauges and doctor, not for decisions.
SELECT h.class, h.waiting, w.since
  FROM (SELECT q.class, count(*) AS waiting, min(q.place) AS place
          FROM waiting q
         WHERE q.run_at IS NULL
         GROUP BY q.class) h
 CROSS JOIN waiting w ON w.place = h.place
 ORDER BY h.class
