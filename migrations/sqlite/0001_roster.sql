-- Who exists: workers, lanes, accounts, taxpayers, invoices.
-- Times are microseconds since 1970 in UTC, uuids blobs of 16 bytes, money is in fen.

-- SQLite has no sequences: place, fence and gate_version count here.
CREATE TABLE counter (
    name  TEXT    NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO counter (name, value) VALUES ('place', 0), ('fence', 0), ('gate_version', 0);

-- AUTOINCREMENT: a worker's number is never used again.
CREATE TABLE worker (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant      INTEGER NOT NULL DEFAULT 1,
    name        TEXT    NOT NULL,
    version     TEXT    NOT NULL,
    enlisted_at INTEGER NOT NULL,
    alive_until INTEGER NOT NULL,
    leaving     INTEGER NOT NULL DEFAULT 0
);

-- Pauses stand per scope: a lane can be paused by itself and with its whole bureau.
CREATE TABLE bureau_pause (
    bureau INTEGER NOT NULL PRIMARY KEY,
    tenant INTEGER NOT NULL DEFAULT 1,
    by     TEXT    NOT NULL,
    reason TEXT    NOT NULL,
    since  INTEGER NOT NULL
);

CREATE TABLE lane (
    id              INTEGER PRIMARY KEY,
    tenant          INTEGER NOT NULL DEFAULT 1,
    bureau          INTEGER NOT NULL,
    account         TEXT    NOT NULL,
    channel         TEXT    NOT NULL,
    width           INTEGER NOT NULL CHECK (width > 0),
    owner           INTEGER,
    paused_by       TEXT,
    paused_reason   TEXT,
    paused_since    INTEGER,
    throttled_until INTEGER,
    -- The tax number that the account was last switched to.
    current_tax_id  INTEGER,
    -- The switch budget is used up until then.
    switch_free_at  INTEGER,
    -- From the counter gate_version, at every change of a gate.
    version         INTEGER NOT NULL,
    UNIQUE (bureau, account)
);
CREATE INDEX lane_owned ON lane (owner) WHERE owner IS NOT NULL;
CREATE INDEX lane_changed ON lane (version);

-- The login behind a lane of 电子税局; a 乐企 lane has none.
CREATE TABLE account (
    lane_id      INTEGER NOT NULL PRIMARY KEY REFERENCES lane (id),
    tenant       INTEGER NOT NULL DEFAULT 1,
    login        TEXT    NOT NULL,
    -- Off line, and only a person can log it in.
    needs_person INTEGER NOT NULL DEFAULT 0,
    online       INTEGER NOT NULL DEFAULT 0,
    -- Rises with every change of `online`.
    epoch        INTEGER NOT NULL DEFAULT 1,
    seen_at      INTEGER,
    until        INTEGER
);

CREATE TABLE account_switch (
    id      INTEGER PRIMARY KEY,
    tenant  INTEGER NOT NULL DEFAULT 1,
    lane_id INTEGER NOT NULL,
    tax_id  INTEGER NOT NULL,
    fence   INTEGER NOT NULL,
    at      INTEGER NOT NULL
);
CREATE INDEX account_switch_recent ON account_switch (lane_id, at);

CREATE TABLE taxpayer (
    id              INTEGER PRIMARY KEY,
    tenant          INTEGER NOT NULL DEFAULT 1,
    tax_no          TEXT    NOT NULL UNIQUE,
    name            TEXT    NOT NULL,
    kind            TEXT    NOT NULL,
    channel         TEXT    NOT NULL,
    leqi_mode       TEXT    NOT NULL,
    bureau          INTEGER NOT NULL,
    tax_org         TEXT    NOT NULL,
    -- The current period as the bureau last told it.
    period          INTEGER,
    paused_by       TEXT,
    paused_reason   TEXT,
    paused_since    INTEGER,
    throttled_until INTEGER,
    -- Fence of the newest operation on its statistic table: older cached readings count as none.
    statistic_order INTEGER NOT NULL DEFAULT 0
);

-- Which lanes may hold tasks of a tax number. `may` (a JSON array) is NULL where only a task
-- said so; `rank` is the order in which they became known.
CREATE TABLE serves (
    rank             INTEGER PRIMARY KEY,
    tax_id           INTEGER NOT NULL,
    lane_id          INTEGER NOT NULL,
    tenant           INTEGER NOT NULL DEFAULT 1,
    may              TEXT,
    default_business TEXT,
    UNIQUE (tax_id, lane_id)
);

CREATE TABLE invoice (
    tax_id         INTEGER NOT NULL REFERENCES taxpayer (id),
    number         TEXT    NOT NULL,
    code           TEXT    NOT NULL,
    tenant         INTEGER NOT NULL DEFAULT 1,
    invoice_type   INTEGER NOT NULL,
    -- 2023-08-16
    date           TEXT,
    amount         INTEGER NOT NULL,
    tax            INTEGER NOT NULL,
    status         TEXT    NOT NULL,
    risk           TEXT    NOT NULL,
    -- Never 'selecting': that is derived from invoice_hold.
    selection      TEXT    NOT NULL CHECK (selection <> 'selecting'),
    -- 抵扣税期 of the selection.
    period         INTEGER,
    special_kind   TEXT    NOT NULL DEFAULT '',
    accounting_org TEXT    NOT NULL DEFAULT '',
    seller_name    TEXT    NOT NULL DEFAULT '',
    seller_tax_no  TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (tax_id, number, code)
) WITHOUT ROWID;

CREATE TABLE statistic_table (
    tax_id     INTEGER NOT NULL REFERENCES taxpayer (id),
    period     INTEGER NOT NULL,
    tenant     INTEGER NOT NULL DEFAULT 1,
    state      TEXT    NOT NULL,
    "order"    INTEGER NOT NULL DEFAULT 0,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (tax_id, period)
) WITHOUT ROWID;

-- Every gate of a lane in one row, each with the note that people read.
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
       coalesce(a.needs_person, 0)         AS needs_person,
       l.throttled_until,
       l.current_tax_id,
       l.switch_free_at,
       l.version
  FROM lane l
  LEFT JOIN bureau_pause b ON b.bureau = l.bureau
  LEFT JOIN account a ON a.lane_id = l.id;

-- A taxpayer with the accounts that may receive for it, a JSON array, the default one first.
CREATE VIEW taxpayer_account AS
SELECT p.id, p.tax_no, p.name, p.kind, p.channel, p.leqi_mode, p.bureau, p.tax_org, p.period,
       p.statistic_order,
       (SELECT json_group_array(l.account
                                ORDER BY s.default_business IN ('receive', 'both') DESC, s.rank)
          FROM serves s
          JOIN lane l ON l.id = s.lane_id
         WHERE s.tax_id = p.id
           AND EXISTS (SELECT 1 FROM json_each(s.may) m WHERE m.value IN ('receive', 'both')))
           AS accounts
  FROM taxpayer p;
