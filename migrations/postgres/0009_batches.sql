-- Batches (勾选批次) as people ask for them; `batch` counts the tasks that came of them.
CREATE TABLE batch_request (
    batch_id     text        PRIMARY KEY,
    tenant       smallint    NOT NULL DEFAULT 1,
    -- draft, submitting, submitted, cancelled.
    state        text        NOT NULL,
    submitted_by text,
    -- The batch as it stands, without its invoices; written whole at every change.
    head         text        NOT NULL,
    version      int         NOT NULL,
    -- The tasks that it becomes: its end is told when so many have ended.
    tasks        int         NOT NULL,
    -- SHA-256 of what was asked, in hexadecimal.
    asked        text        NOT NULL,
    created_at   timestamptz NOT NULL,
    changed_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX batch_request_newest ON batch_request (created_at, batch_id COLLATE "C");
CREATE INDEX batch_request_left ON batch_request (changed_at) WHERE state = 'submitting';

-- Its invoices as they were asked for, in that order.
CREATE TABLE batch_line (
    batch_id     text     NOT NULL,
    n            int      NOT NULL,
    tenant       smallint NOT NULL DEFAULT 1,
    -- The part of the batch, and the place there.
    part         int      NOT NULL,
    at           int      NOT NULL,
    number       text     NOT NULL,
    code         text     NOT NULL,
    invoice_type smallint NOT NULL,
    reason       text,
    reason_text  text,
    PRIMARY KEY (batch_id, n)
);
