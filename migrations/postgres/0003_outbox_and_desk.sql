-- What leaves, what a user asked for at once, and who did what.

CREATE TABLE outbox (
    number      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant      smallint    NOT NULL DEFAULT 1,
    task_id     uuid        NOT NULL,
    sequence    int         NOT NULL,
    kind        text        NOT NULL,
    bureau      text,
    at          timestamptz NOT NULL,
    data        text        NOT NULL,
    -- The failed task's body goes to gouxuan.failed along with it.
    retriable   boolean     NOT NULL,
    reason      text        NOT NULL,
    traceparent text
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
        autovacuum_vacuum_cost_delay = 0);

-- 勾选批次: what a user asked for at once, counted as its tasks come and end.
CREATE TABLE batch (
    batch_id     text        PRIMARY KEY,
    tenant       smallint    NOT NULL DEFAULT 1,
    submitted_at timestamptz NOT NULL,
    tasks        int         NOT NULL DEFAULT 0,
    ended        int         NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

CREATE TABLE audit (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant  smallint    NOT NULL DEFAULT 1,
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    by      text        NOT NULL,
    reason  text        NOT NULL,
    action  text        NOT NULL,
    subject text        NOT NULL
);
