-- A lane in which too much waits: its owner does not consume its queue since then.
ALTER TABLE lane ADD COLUMN full_since timestamptz;
CREATE INDEX lane_full ON lane (id) WHERE full_since IS NOT NULL;

-- Drops one month of the log that ended before `keep` and holds nothing any more; its name, NULL:
-- none could be dropped now. Everybody waits while the month is detached, so the lock is hardly
-- waited for: whoever is in the way goes first, and the next call does it. A month that deletions
-- have left large waits until vacuum has made it small.
CREATE FUNCTION drop_emptied_month(keep interval) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    month regclass;
    name  text;
    empty boolean;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('drop_emptied_month')) THEN
        RETURN NULL;
    END IF;
    PERFORM set_config('lock_timeout', '100ms', true);
    FOR month IN
        SELECT c.oid
          FROM pg_inherits i
          JOIN pg_class c ON c.oid = i.inhrelid
         WHERE i.inhparent = 'task_log'::regclass
           AND c.relname ~ '^task_log_[0-9]{6}$'
           AND (to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month') AT TIME ZONE 'UTC'
               <= now() - keep
           AND pg_relation_size(c.oid) <= 8 * 1024 * 1024
         ORDER BY c.relname
    LOOP
        EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', month) INTO empty;
        CONTINUE WHEN NOT empty;
        BEGIN
            LOCK TABLE ONLY task_log IN ACCESS EXCLUSIVE MODE;
            -- Something may have come before the lock did.
            EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', month) INTO empty;
            IF NOT empty THEN
                RETURN NULL;
            END IF;
            EXECUTE format('ALTER TABLE task_log DETACH PARTITION %s', month);
            name := month::text;
            EXECUTE format('DROP TABLE %s', month);
            RETURN name;
        EXCEPTION WHEN lock_not_available THEN
            RETURN NULL;
        END;
    END LOOP;
    RETURN NULL;
END
$$;
