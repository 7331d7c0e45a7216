-- A new session, or the end of one. Nobody knows any more which tax number the account is on.
WITH seen AS (
    UPDATE account a
       SET online       = $2,
           epoch        = a.epoch + 1,
           needs_person = NOT $2 AND (a.needs_person OR a.login = 'manual'),
           seen_at      = $3,
           until        = $4
     WHERE a.lane_id = $1
    RETURNING a.epoch),
gate AS (
    UPDATE lane l
       SET current_tax_id = NULL, changed = pg_current_xact_id()
     WHERE l.id = $1)
SELECT epoch FROM seen
