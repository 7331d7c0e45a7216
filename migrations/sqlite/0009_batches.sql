-- Batches (勾选批次) as people ask for them; `batch` counts the tasks that came of them.
CREATE TABLE batch_request (
    batch_id     TEXT    NOT NULL PRIMARY KEY,
    tenant       INTEGER NOT NULL DEFAULT 1,
    -- draft, submitting, submitted, cancelled.
    state        TEXT    NOT NULL,
    submitted_by TEXT,
    -- The batch as it stands, without its invoices; written whole at every change.
    head         TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    -- The tasks that it becomes: its end is told when so many have ended.
    tasks        INTEGER NOT NULL,
    -- SHA-256 of what was asked, in hexadecimal.
    asked        TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    changed_at   INTEGER NOT NULL
);
CREATE INDEX batch_request_newest ON batch_request (created_at, batch_id);
CREATE INDEX batch_request_left ON batch_request (changed_at) WHERE state = 'submitting';

-- Its invoices as they were asked for, in that order.
CREATE TABLE batch_line (
    batch_id     TEXT    NOT NULL REFERENCES batch_request (batch_id),
    n            INTEGER NOT NULL,
    tenant       INTEGER NOT NULL DEFAULT 1,
    -- The part of the batch, and the place there.
    part         INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    number       TEXT    NOT NULL,
    code         TEXT    NOT NULL,
    invoice_type INTEGER NOT NULL,
    reason       TEXT,
    reason_text  TEXT,
    PRIMARY KEY (batch_id, n)
) WITHOUT ROWID;
