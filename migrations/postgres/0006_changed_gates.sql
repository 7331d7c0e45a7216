-- As with what begins to wait, a change of a lane's gates says which transaction made it. A number
-- drawn from a sequence before the commit can be lower than one that was seen already, and the
-- change is then no news.
DROP VIEW lane_gate;
ALTER TABLE lane DROP COLUMN version;
DROP SEQUENCE gate_version;
ALTER TABLE lane ADD COLUMN changed xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX lane_changed ON lane (changed);
DROP INDEX lane_owned;
CREATE INDEX lane_owned ON lane (owner, changed) WHERE owner IS NOT NULL;

CREATE VIEW lane_gate AS
SELECT l.id,
       l.bureau,
       l.account,
       l.channel,
       l.width,
       l.owner,
       coalesce(l.paused_by, b.by)         AS paused_by,
       coalesce(l.paused_reason, b.reason) AS paused_reason,
       coalesce(l.paused_since, b.since)   AS paused_since,
       l.paused_by IS NOT NULL OR b.by IS NOT NULL AS paused,
       a.online IS FALSE AND (a.needs_person OR a.login = 'manual') AS needs_person,
       l.throttled_until,
       l.current_tax_id,
       l.switch_free_at,
       l.full_since,
       l.changed
  FROM lane l
  LEFT JOIN bureau_pause b ON b.bureau = l.bureau
  LEFT JOIN account a ON a.lane_id = l.id;
