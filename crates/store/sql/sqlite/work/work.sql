-- Everything an attempt needs, for tasks whose keys were just taken. A reading of the statistic
-- state counts when it is younger than the first task of the batch for the tax number.
SELECT r.task_id, r.fence, r.lane_id, r.n, r.place, r.may_have_sent, r.quiet_until, r.asked_since,
       t.attempts, t.rescues, t.traceparent,
       coalesce((SELECT min(b.enqueued_at)
                   FROM task_log b
                  WHERE b.batch_id = t.batch_id AND b.tax_no = t.tax_no), t.enqueued_at)
           AS submitted_at,
       o.body,
       l.bureau AS lane_bureau, l.account AS lane_account, l.channel AS lane_channel,
       l.current_tax_id,
       a.login, a.online, a.epoch,
       p.id, p.tax_no, p.name, p.kind, p.channel, p.leqi_mode, p.bureau, p.tax_org, p.period,
       p.statistic_order, p.accounts
  FROM json_each(?1) i
 CROSS JOIN running r ON r.task_id = unhex(i.value)
 CROSS JOIN task_log t ON t.task_id = r.task_id
 CROSS JOIN task_body o ON o.task_id = r.task_id
 CROSS JOIN lane l ON l.id = r.lane_id
 CROSS JOIN taxpayer_account p ON p.id = r.tax_id
  LEFT JOIN account a ON a.lane_id = r.lane_id
