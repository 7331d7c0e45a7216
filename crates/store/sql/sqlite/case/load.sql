-- Tasks with wherever they stand now: waiting, held, parked, or with keys.
SELECT t.task_id, t.kind, t.tax_no, t.tax_id, t.bureau, t.account, t.batch_id, t.retry_of, t.traceparent,
       t.channel, t.state, t.reason, t.attempts, t.rescues, t.accepted, t.unknown,
       t.settled_fence, t.started_at, t.finished_at,
       t.invoices_succeeded, t.events, t.enqueued_at,
       coalesce(w.lane_id, r.lane_id, p.lane_id)          AS lane_id,
       coalesce(w.place, r.place, p.place, h.place, 0)    AS place,
       coalesce(w.run_at, h.run_at)                       AS run_at,
       w.task_id IS NOT NULL                              AS waits,
       h.task_id IS NOT NULL                              AS is_held,
       p.epoch, p.until,
       r.n, r.fence, r.worker, r.lease_until, r.since, r.ask_at, r.asked_since, r.quiet_until,
       coalesce(r.may_have_sent, 0)                       AS may_have_sent,
       r.parked_epoch, r.parked_until,
       CASE WHEN r.task_id IS NOT NULL
            THEN (SELECT s.value FROM submission s
                   WHERE s.task_id = t.task_id AND s.proof = 'receipt'
                   ORDER BY s.id DESC
                   LIMIT 1) END                           AS receipt
  FROM json_each(?1) i
 CROSS JOIN task_log t ON t.task_id = unhex(i.value)
  LEFT JOIN waiting w ON w.task_id = t.task_id
  LEFT JOIN running r ON r.task_id = t.task_id
  LEFT JOIN parked p ON p.task_id = t.task_id
  LEFT JOIN held h ON h.task_id = t.task_id
