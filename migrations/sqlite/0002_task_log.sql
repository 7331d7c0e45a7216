-- The task log, and what moves: what waits, what runs, what is parked.

-- One row per task: the record that people see. One table: no partitions here. No index on a
-- column that changes: what waits stands in `waiting`, what runs in `running`, what failed in
-- `failure`.
CREATE TABLE task_log (
    task_id            BLOB    NOT NULL PRIMARY KEY CHECK (length(task_id) = 16),
    tenant             INTEGER NOT NULL DEFAULT 1,
    batch_id           TEXT,
    kind               TEXT    NOT NULL,
    class              TEXT    NOT NULL,
    tax_no             TEXT    NOT NULL,
    tax_id             INTEGER REFERENCES taxpayer (id),
    bureau             TEXT,
    account            TEXT,
    channel            TEXT,
    tax_period         TEXT,
    state              TEXT    NOT NULL,
    shown_state        TEXT    NOT NULL,
    reason             TEXT    NOT NULL DEFAULT '',
    retry_of           BLOB,
    attempts           INTEGER NOT NULL DEFAULT 0,
    rescues            INTEGER NOT NULL DEFAULT 0,
    invoices_total     INTEGER NOT NULL,
    invoices_succeeded INTEGER NOT NULL DEFAULT 0,
    enqueued_at        INTEGER NOT NULL,
    started_at         INTEGER,
    finished_at        INTEGER,
    submitted_by       TEXT,
    -- A person must check what came of it; no retry is accepted.
    unknown            INTEGER NOT NULL DEFAULT 0,
    -- The bureau took its first call.
    accepted           INTEGER NOT NULL DEFAULT 0,
    -- The newest fence whose settlement was written: tells a repeated settlement from a stale one.
    settled_fence      INTEGER,
    -- Events that stood in the outbox so far.
    events             INTEGER NOT NULL DEFAULT 0,
    body_hash          BLOB    NOT NULL,
    traceparent        TEXT
);
CREATE INDEX task_log_newest ON task_log (enqueued_at, task_id);
CREATE INDEX task_log_batch ON task_log (batch_id, tax_no, enqueued_at) WHERE batch_id IS NOT NULL;

-- The message as it came: for the attempt, for retry, for people.
CREATE TABLE task_body (
    task_id BLOB    NOT NULL PRIMARY KEY REFERENCES task_log (task_id) ON DELETE CASCADE,
    tenant  INTEGER NOT NULL DEFAULT 1,
    body    TEXT    NOT NULL
);

-- Queued, and Held or Delayed with nothing sent (run_at set). run_at NULL: now.
-- `since`: when it was logged.
CREATE TABLE waiting (
    task_id BLOB    NOT NULL PRIMARY KEY REFERENCES task_log (task_id),
    tenant  INTEGER NOT NULL DEFAULT 1,
    lane_id INTEGER NOT NULL REFERENCES lane (id),
    tax_id  INTEGER NOT NULL REFERENCES taxpayer (id),
    class   INTEGER NOT NULL,
    place   INTEGER NOT NULL,
    since   INTEGER NOT NULL,
    run_at  INTEGER,
    -- When it queued again at an old place: from the counter gate_version. NULL: never.
    requeued INTEGER
) WITHOUT ROWID;
CREATE INDEX waiting_heads ON waiting (lane_id, tax_id, class, place) WHERE run_at IS NULL;
CREATE INDEX waiting_due ON waiting (run_at) WHERE run_at IS NOT NULL;
CREATE INDEX waiting_timed ON waiting (tax_id, run_at) WHERE run_at IS NOT NULL;
CREATE INDEX waiting_news ON waiting (place);
CREATE INDEX waiting_requeued ON waiting (requeued) WHERE requeued IS NOT NULL;

-- Who holds which keys. `n` NULL: it holds the tax number only; `worker` NULL: nobody asks.
-- Keys are physical, hence without a tenant in their uniqueness.
CREATE TABLE running (
    task_id       BLOB    NOT NULL PRIMARY KEY REFERENCES task_log (task_id),
    tenant        INTEGER NOT NULL DEFAULT 1,
    tax_id        INTEGER NOT NULL UNIQUE REFERENCES taxpayer (id),
    lane_id       INTEGER NOT NULL REFERENCES lane (id),
    n             INTEGER,
    class         INTEGER NOT NULL,
    place         INTEGER NOT NULL,
    fence         INTEGER NOT NULL UNIQUE,
    worker        INTEGER,
    lease_until   INTEGER,
    since         INTEGER NOT NULL,
    -- With nobody asking: when to ask. NULL: waits for a login.
    ask_at        INTEGER,
    -- First accepted or lost: the deadline counts from here.
    asked_since   INTEGER,
    -- Until then "absent" proves nothing on a channel without fences.
    quiet_until   INTEGER,
    -- Something may have been sent although no submission says so.
    may_have_sent INTEGER NOT NULL DEFAULT 0,
    -- Parked with something sent: the session that was lost, and the deadline.
    parked_epoch  INTEGER,
    parked_until  INTEGER,
    UNIQUE (lane_id, n)
) WITHOUT ROWID;
CREATE INDEX running_due ON running (ask_at) WHERE worker IS NULL;
CREATE INDEX running_asked ON running (asked_since) WHERE worker IS NULL;
CREATE INDEX running_parked ON running (parked_until) WHERE parked_until IS NOT NULL;
CREATE INDEX running_lease ON running (lease_until) WHERE worker IS NOT NULL;

-- Parked with nothing sent: had begun, waits for a login newer than `epoch`; when nobody has
-- logged in by `until` it fails.
CREATE TABLE parked (
    task_id BLOB    NOT NULL PRIMARY KEY REFERENCES task_log (task_id),
    tenant  INTEGER NOT NULL DEFAULT 1,
    lane_id INTEGER NOT NULL REFERENCES lane (id),
    tax_id  INTEGER NOT NULL REFERENCES taxpayer (id),
    class   INTEGER NOT NULL,
    place   INTEGER NOT NULL,
    epoch   INTEGER NOT NULL,
    since   INTEGER NOT NULL,
    until   INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX parked_lane ON parked (lane_id);
CREATE INDEX parked_until ON parked (until);

-- Held for want of an account: queued by the import that brings one.
CREATE TABLE held (
    task_id BLOB    NOT NULL PRIMARY KEY REFERENCES task_log (task_id),
    tenant  INTEGER NOT NULL DEFAULT 1,
    tax_id  INTEGER NOT NULL REFERENCES taxpayer (id),
    class   INTEGER NOT NULL,
    place   INTEGER NOT NULL,
    since   INTEGER NOT NULL,
    run_at  INTEGER
) WITHOUT ROWID;
CREATE INDEX held_tax ON held (tax_id);

-- What was sent, as far as anybody learned: insert-only, never fenced but for 'sending'.
CREATE TABLE submission (
    id          INTEGER PRIMARY KEY,
    tenant      INTEGER NOT NULL DEFAULT 1,
    task_id     BLOB    NOT NULL REFERENCES task_log (task_id) ON DELETE CASCADE,
    act         TEXT    NOT NULL,
    fence       INTEGER NOT NULL,
    proof       TEXT    NOT NULL,
    -- The receipt, or the answer in the bureau's own words.
    value       TEXT,
    quiet_until INTEGER,
    at          INTEGER NOT NULL
);
CREATE INDEX submission_task ON submission (task_id);

-- One retry per failed task, for ever.
CREATE TABLE retry (
    failed_task_id BLOB    NOT NULL PRIMARY KEY,
    tenant         INTEGER NOT NULL DEFAULT 1,
    retry_task_id  BLOB    NOT NULL,
    at             INTEGER NOT NULL
) WITHOUT ROWID;

-- Failed and refused tasks.
CREATE TABLE failure (
    task_id BLOB    NOT NULL PRIMARY KEY REFERENCES task_log (task_id) ON DELETE CASCADE,
    tenant  INTEGER NOT NULL DEFAULT 1,
    unknown INTEGER NOT NULL,
    at      INTEGER NOT NULL
);

-- An invoice is in at most one unfinished task, whether the pool knows it or not.
CREATE TABLE invoice_hold (
    tax_id  INTEGER NOT NULL REFERENCES taxpayer (id),
    number  TEXT    NOT NULL,
    code    TEXT    NOT NULL,
    tenant  INTEGER NOT NULL DEFAULT 1,
    task_id BLOB    NOT NULL REFERENCES task_log (task_id),
    PRIMARY KEY (tax_id, number, code)
) WITHOUT ROWID;
CREATE INDEX invoice_hold_task ON invoice_hold (task_id);

-- One line per invoice of a task (用票操作台账).
CREATE TABLE ledger (
    task_id      BLOB    NOT NULL REFERENCES task_log (task_id) ON DELETE CASCADE,
    invoice_no   TEXT    NOT NULL,
    invoice_code TEXT    NOT NULL,
    tenant       INTEGER NOT NULL DEFAULT 1,
    action       TEXT    NOT NULL,
    outcome      TEXT    NOT NULL,
    reason       TEXT    NOT NULL,
    at           INTEGER NOT NULL
);
CREATE INDEX ledger_task ON ledger (task_id);
