-- What leaves, what a user asked for at once, and who did what.

-- AUTOINCREMENT: a number is never used again, also when the outbox was empty.
CREATE TABLE outbox (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant      INTEGER NOT NULL DEFAULT 1,
    task_id     BLOB    NOT NULL,
    sequence    INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    bureau      TEXT,
    at          INTEGER NOT NULL,
    data        TEXT    NOT NULL,
    -- The failed task's body goes to gouxuan.failed along with it.
    retriable   INTEGER NOT NULL,
    reason      TEXT    NOT NULL,
    traceparent TEXT
);

-- 勾选批次: what a user asked for at once, counted as its tasks come and end.
CREATE TABLE batch (
    batch_id     TEXT    NOT NULL PRIMARY KEY,
    tenant       INTEGER NOT NULL DEFAULT 1,
    submitted_at INTEGER NOT NULL,
    tasks        INTEGER NOT NULL DEFAULT 0,
    ended        INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE audit (
    id      INTEGER PRIMARY KEY,
    tenant  INTEGER NOT NULL DEFAULT 1,
    at      INTEGER NOT NULL,
    by      TEXT    NOT NULL,
    reason  TEXT    NOT NULL,
    action  TEXT    NOT NULL,
    subject TEXT    NOT NULL
);
