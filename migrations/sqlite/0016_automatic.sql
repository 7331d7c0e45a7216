-- Rules of automatic work (自动勾选, 自动入账).
CREATE TABLE automatic_rule (
    rule_id   TEXT    NOT NULL PRIMARY KEY,
    tenant    INTEGER NOT NULL DEFAULT 1,
    -- The rule as people wrote it; written whole at every change.
    body      TEXT    NOT NULL,
    version   INTEGER NOT NULL,
    -- Times of its schedule until then are done with.
    ran_until INTEGER NOT NULL
) WITHOUT ROWID;

-- Their runs, each named by its rule and the time that it ran for.
CREATE TABLE automatic_run (
    rule_id     TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    tenant      INTEGER NOT NULL DEFAULT 1,
    -- choosing, chosen, ended.
    state       TEXT    NOT NULL,
    -- Rises with every takeover; whoever has a lower one writes nothing.
    fence       INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    -- The run as it stands; written whole at every step.
    body        TEXT    NOT NULL,
    PRIMARY KEY (rule_id, at)
);
-- One unfinished run of a rule at a time.
CREATE UNIQUE INDEX automatic_run_open ON automatic_run (rule_id) WHERE state <> 'ended';

-- Which invoices a rule has chosen, and in which run: it never chooses one again by itself.
CREATE TABLE automatic_try (
    rule_id      TEXT    NOT NULL,
    tax_id       INTEGER NOT NULL,
    number       TEXT    NOT NULL,
    code         TEXT    NOT NULL,
    tenant       INTEGER NOT NULL DEFAULT 1,
    at           INTEGER NOT NULL,
    -- Its place in the run, from 0.
    n            INTEGER NOT NULL,
    invoice_type INTEGER NOT NULL,
    -- Fen (0.01 yuan), as all money.
    tax          INTEGER NOT NULL,
    -- Of the rule's target; NULL: it had none.
    period       INTEGER,
    PRIMARY KEY (rule_id, tax_id, number, code)
) WITHOUT ROWID;
CREATE INDEX automatic_try_run ON automatic_try (rule_id, at, n);
