-- Everything an attempt needs, for tasks whose keys were just taken.
SELECT r.task_id, r.fence, r.lane_id, r.n, r.tax_id, r.place, r.may_have_sent, r.quiet_until,
       r.asked_since,
       t.attempts, t.rescues, t.traceparent, 
       -- A batch is submitted, for a tax number, with its first task of that tax number.
       CASE WHEN t.batch_id IS NULL THEN t.enqueued_at
            ELSE (SELECT min(f.enqueued_at)
                    FROM task_log f
                   WHERE f.batch_id = t.batch_id AND f.tax_no = t.tax_no)
        END AS submitted_at,
       o.body,
       l.bureau AS lane_bureau, l.account, l.channel, l.current_tax_id,
       a.login, a.online, a.epoch,
       p.tax_no, p.name, p.kind AS taxpayer_kind, p.channel AS taxpayer_channel, p.leqi_mode,
       p.bureau AS taxpayer_bureau, p.tax_org, p.period, p.statistic_order,
       ARRAY (SELECT c.account
                FROM serves s
                JOIN lane c ON c.id = s.lane_id
               WHERE s.tax_id = p.id AND s.may && ARRAY['receive', 'both']
               ORDER BY s.default_business IN ('receive', 'both') DESC, s.rank) AS accounts
  FROM running r
  JOIN task_log t ON t.task_id = r.task_id
  JOIN task_body o ON o.task_id = r.task_id
  JOIN lane l ON l.id = r.lane_id
  JOIN taxpayer p ON p.id = r.tax_id
  LEFT JOIN account a ON a.lane_id = r.lane_id
 WHERE r.task_id = ANY ($1::uuid[])
