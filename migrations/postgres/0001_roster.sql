-- Who exists: workers, lanes, accounts, taxpayers, invoices.

CREATE SEQUENCE gate_version;

CREATE TABLE worker (
    id          int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant      smallint    NOT NULL DEFAULT 1,
    name        text        NOT NULL,
    version     text        NOT NULL,
    enlisted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    alive_until timestamptz NOT NULL,
    leaving     boolean     NOT NULL DEFAULT false
) WITH (fillfactor = 50);

-- Pauses stand per scope: a lane can be paused by itself and with its whole bureau.
CREATE TABLE bureau_pause (
    bureau int         PRIMARY KEY,
    tenant smallint    NOT NULL DEFAULT 1,
    by     text        NOT NULL,
    reason text        NOT NULL,
    since  timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE lane (
    id              int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant          smallint NOT NULL DEFAULT 1,
    bureau          int      NOT NULL,
    account         text     NOT NULL,
    channel         text     NOT NULL,
    width           smallint NOT NULL CHECK (width > 0),
    owner           int,
    paused_by       text,
    paused_reason   text,
    paused_since    timestamptz,
    throttled_until timestamptz,
    -- The tax number that the account was last switched to.
    current_tax_id  int,
    -- The switch budget is used up until then.
    switch_free_at  timestamptz,
    -- From gate_version, at every change of a gate.
    version         bigint   NOT NULL DEFAULT nextval('gate_version'),
    UNIQUE (bureau, account)
) WITH (fillfactor = 50);
CREATE INDEX lane_owned ON lane (owner) WHERE owner IS NOT NULL;
CREATE INDEX lane_changed ON lane (version);

-- The login behind a lane of 电子税局; a 乐企 lane has none.
CREATE TABLE account (
    lane_id      int PRIMARY KEY REFERENCES lane (id),
    tenant       smallint NOT NULL DEFAULT 1,
    login        text     NOT NULL,
    -- The bureau said that only a person can log in now, whatever `login` says.
    needs_person boolean  NOT NULL DEFAULT false,
    online       boolean  NOT NULL DEFAULT false,
    -- Rises with every change of `online`.
    epoch        bigint   NOT NULL DEFAULT 1,
    seen_at      timestamptz,
    until        timestamptz
) WITH (fillfactor = 50);

CREATE TABLE account_switch (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant  smallint    NOT NULL DEFAULT 1,
    lane_id int         NOT NULL,
    tax_id  int         NOT NULL,
    fence   bigint      NOT NULL,
    at      timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX account_switch_recent ON account_switch (lane_id, at);

CREATE TABLE taxpayer (
    id              int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant          smallint NOT NULL DEFAULT 1,
    tax_no          text     NOT NULL UNIQUE,
    name            text     NOT NULL,
    kind            text     NOT NULL,
    channel         text     NOT NULL,
    leqi_mode       text     NOT NULL,
    bureau          int      NOT NULL,
    tax_org         text     NOT NULL,
    -- The current period as the bureau last told it.
    period          int,
    paused_by       text,
    paused_reason   text,
    paused_since    timestamptz,
    throttled_until timestamptz,
    -- Fence of the newest operation on its statistic table: older cached readings count as none.
    statistic_order bigint   NOT NULL DEFAULT 0
) WITH (fillfactor = 70);

-- Which lanes may hold tasks of a tax number. `may` is NULL where only a task said so.
CREATE TABLE serves (
    tax_id           int      NOT NULL,
    lane_id          int      NOT NULL,
    tenant           smallint NOT NULL DEFAULT 1,
    may              text[],
    -- The order in which they became known.
    rank             bigint GENERATED ALWAYS AS IDENTITY,
    default_business text,
    PRIMARY KEY (tax_id, lane_id)
);
CREATE INDEX serves_lane ON serves (lane_id);

CREATE TABLE invoice (
    tax_id         int      NOT NULL,
    number         text     NOT NULL,
    code           text     NOT NULL,
    tenant         smallint NOT NULL DEFAULT 1,
    invoice_type   smallint NOT NULL,
    date           date,
    -- Fen (0.01 yuan), as all money.
    amount         bigint   NOT NULL,
    tax            bigint   NOT NULL,
    status         text     NOT NULL,
    risk           text     NOT NULL,
    -- Never 'selecting': that is derived from invoice_hold.
    selection      text     NOT NULL CHECK (selection <> 'selecting'),
    -- 抵扣税期 of the selection.
    period         int,
    special_kind   text     NOT NULL DEFAULT '',
    accounting_org text     NOT NULL DEFAULT '',
    seller_name    text     NOT NULL DEFAULT '',
    seller_tax_no  text     NOT NULL DEFAULT '',
    PRIMARY KEY (tax_id, number, code)
) WITH (fillfactor = 80);

CREATE TABLE statistic_table (
    tax_id     int         NOT NULL,
    period     int         NOT NULL,
    tenant     smallint    NOT NULL DEFAULT 1,
    state      text        NOT NULL,
    "order"    bigint      NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tax_id, period)
);

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
       l.paused_by IS NOT NULL OR b.by IS NOT NULL AS paused,
       a.online IS FALSE AND (a.needs_person OR a.login = 'manual') AS needs_person,
       l.throttled_until,
       l.current_tax_id,
       l.switch_free_at,
       l.version
  FROM lane l
  LEFT JOIN bureau_pause b ON b.bureau = l.bureau
  LEFT JOIN account a ON a.lane_id = l.id;
