-- The task log, and what moves: what waits, what runs, what is parked.

CREATE SEQUENCE place CACHE 1;
CREATE SEQUENCE fence CACHE 1;

-- One row per task: the record that people see. No index on a column that changes, so that its
-- updates are HOT: what waits stands in `waiting`, what runs in `running`, what failed in
-- `failure`.
CREATE TABLE task_log (
    task_id            uuid        NOT NULL PRIMARY KEY,
    tenant             smallint    NOT NULL DEFAULT 1,
    batch_id           text,
    kind               text        NOT NULL,
    class              text        NOT NULL,
    tax_no             text        NOT NULL,
    tax_id             int,
    bureau             text,
    account            text,
    channel            text,
    tax_period         text,
    state              text        NOT NULL,
    shown_state        text        NOT NULL,
    reason             text        NOT NULL DEFAULT '',
    retry_of           uuid,
    attempts           int         NOT NULL DEFAULT 0,
    rescues            int         NOT NULL DEFAULT 0,
    invoices_total     int         NOT NULL,
    invoices_succeeded int         NOT NULL DEFAULT 0,
    enqueued_at        timestamptz NOT NULL,
    started_at         timestamptz,
    finished_at        timestamptz,
    submitted_by       text,
    -- A person must check what came of it; no retry is accepted.
    unknown            boolean     NOT NULL DEFAULT false,
    -- The bureau took its first call.
    accepted           boolean     NOT NULL DEFAULT false,
    -- The newest fence whose settlement was written: tells a repeated settlement from a stale one.
    settled_fence      bigint,
    -- Events that stood in the outbox so far.
    events             int         NOT NULL DEFAULT 0,
    body_hash          bytea       NOT NULL,
    traceparent        text
) PARTITION BY RANGE (task_id);

CREATE TABLE task_log_other PARTITION OF task_log DEFAULT
    WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

CREATE INDEX task_log_newest ON task_log (enqueued_at, task_id);
CREATE INDEX task_log_batch ON task_log (batch_id, tax_no, enqueued_at) WHERE batch_id IS NOT NULL;

-- The lowest UUIDv7 of a moment: 48 bits of milliseconds, then zeros.
CREATE FUNCTION first_uuid_at(at timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

-- Makes the partition of the month that `at` falls in, unless it is there. A month whose ids
-- stand in the DEFAULT partition already stays there: moving them would lock the log.
CREATE FUNCTION ensure_month(at timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    first date := date_trunc('month', at AT TIME ZONE 'UTC')::date;
    low   uuid := first_uuid_at(first::timestamp AT TIME ZONE 'UTC');
    high  uuid := first_uuid_at((first + interval '1 month') AT TIME ZONE 'UTC');
    name  text := 'task_log_' || to_char(first, 'YYYYMM');
BEGIN
    IF to_regclass(name) IS NOT NULL THEN
        RETURN false;
    END IF;
    IF EXISTS (SELECT 1 FROM task_log_other o WHERE o.task_id >= low AND o.task_id < high) THEN
        RETURN false;
    END IF;
    EXECUTE format(
        'CREATE TABLE %I PARTITION OF task_log FOR VALUES FROM (%L) TO (%L) '
        'WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, '
        'autovacuum_vacuum_cost_delay = 0)',
        name, low, high);
    RETURN true;
END
$$;

SELECT ensure_month(now() + make_interval(months => ahead)) FROM generate_series(0, 2) ahead;

-- The message as it came: for the attempt, for retry, for people.
CREATE TABLE task_body (
    task_id uuid     PRIMARY KEY,
    tenant  smallint NOT NULL DEFAULT 1,
    body    text     NOT NULL
);

-- Queued, and Held or Delayed with nothing sent (run_at set). run_at NULL: now.
CREATE TABLE waiting (
    task_id uuid     PRIMARY KEY,
    tenant  smallint NOT NULL DEFAULT 1,
    lane_id int      NOT NULL,
    tax_id  int      NOT NULL,
    class   smallint NOT NULL,
    place   bigint   NOT NULL,
    -- When it was logged.
    since   timestamptz NOT NULL,
    run_at  timestamptz
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000,
        autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX waiting_heads ON waiting (lane_id, tax_id, class, place) WHERE run_at IS NULL;
CREATE INDEX waiting_due ON waiting (run_at) WHERE run_at IS NOT NULL;
CREATE INDEX waiting_timed ON waiting (tax_id, run_at) WHERE run_at IS NOT NULL;
CREATE INDEX waiting_news ON waiting (place);

-- Who holds which keys. `n` NULL: it holds the tax number only; `worker` NULL: nobody asks.
-- Keys are physical, hence without a tenant in their uniqueness.
CREATE TABLE running (
    task_id       uuid     PRIMARY KEY,
    tenant        smallint NOT NULL DEFAULT 1,
    tax_id        int      NOT NULL UNIQUE,
    lane_id       int      NOT NULL,
    n             smallint,
    class         smallint NOT NULL,
    place         bigint   NOT NULL,
    fence         bigint   NOT NULL,
    worker        int,
    lease_until   timestamptz,
    since         timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- With nobody asking: when to ask. NULL: waits for a login.
    ask_at        timestamptz,
    -- First accepted or lost: the deadline counts from here.
    asked_since   timestamptz,
    -- Until then "absent" proves nothing on a channel without fences.
    quiet_until   timestamptz,
    -- Something may have been sent although no submission says so.
    may_have_sent boolean  NOT NULL DEFAULT false,
    -- Parked with something sent: the session that was lost, and the deadline.
    parked_epoch  bigint,
    parked_until  timestamptz,
    UNIQUE (lane_id, n)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_cost_delay = 0);
CREATE INDEX running_due ON running (ask_at) WHERE worker IS NULL;

-- Parked with nothing sent: had begun, waits for a login newer than `epoch`.
CREATE TABLE parked (
    task_id   uuid        PRIMARY KEY,
    tenant    smallint    NOT NULL DEFAULT 1,
    lane_id   int         NOT NULL,
    tax_id    int         NOT NULL,
    class     smallint    NOT NULL,
    place     bigint      NOT NULL,
    epoch     bigint      NOT NULL,
    -- When it was logged.
    since     timestamptz NOT NULL,
    -- When nobody has logged in by then it fails.
    until     timestamptz NOT NULL
);
CREATE INDEX parked_lane ON parked (lane_id);
CREATE INDEX parked_until ON parked (until);

-- Held for want of an account: queued by the import that brings one.
CREATE TABLE held (
    task_id uuid        PRIMARY KEY,
    tenant  smallint    NOT NULL DEFAULT 1,
    tax_id  int         NOT NULL,
    class   smallint    NOT NULL,
    place   bigint      NOT NULL,
    since   timestamptz NOT NULL,
    run_at  timestamptz
);
CREATE INDEX held_tax ON held (tax_id);

-- What was sent, as far as anybody learned: insert-only, never fenced but for 'sending'.
CREATE TABLE submission (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant      smallint    NOT NULL DEFAULT 1,
    task_id     uuid        NOT NULL,
    act         text        NOT NULL,
    fence       bigint      NOT NULL,
    proof       text        NOT NULL,
    -- The receipt, or the answer in the bureau's own words.
    value       text,
    quiet_until timestamptz,
    at          timestamptz NOT NULL
);
CREATE INDEX submission_task ON submission (task_id);

-- One retry per failed task, for ever.
CREATE TABLE retry (
    failed_task_id uuid PRIMARY KEY,
    tenant         smallint    NOT NULL DEFAULT 1,
    retry_task_id  uuid        NOT NULL,
    at             timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Failed and refused tasks, newest by place in this table.
CREATE TABLE failure (
    task_id uuid        PRIMARY KEY,
    tenant  smallint    NOT NULL DEFAULT 1,
    unknown boolean     NOT NULL,
    at      timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- An invoice is in at most one unfinished task, whether the pool knows it or not.
CREATE TABLE invoice_hold (
    tax_id  int      NOT NULL,
    number  text     NOT NULL,
    code    text     NOT NULL,
    tenant  smallint NOT NULL DEFAULT 1,
    task_id uuid     NOT NULL,
    PRIMARY KEY (tax_id, number, code)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX invoice_hold_task ON invoice_hold (task_id);

-- One line per invoice of a task (用票操作台账).
CREATE TABLE ledger (
    task_id      uuid        NOT NULL,
    invoice_no   text        NOT NULL,
    invoice_code text        NOT NULL,
    tenant       smallint    NOT NULL DEFAULT 1,
    action       text        NOT NULL,
    outcome      text        NOT NULL,
    reason       text        NOT NULL,
    at           timestamptz NOT NULL
);
CREATE INDEX ledger_task ON ledger (task_id);
