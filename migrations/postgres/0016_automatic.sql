-- Rules of automatic work (自动勾选, 自动入账).
CREATE TABLE automatic_rule (
    rule_id   text     PRIMARY KEY,
    tenant    smallint NOT NULL DEFAULT 1,
    -- The rule as people wrote it; written whole at every change.
    body      text     NOT NULL,
    version   int      NOT NULL,
    -- Microseconds since 1970: times of its schedule until then are done with. Not a timestamp, as
    -- `at` below: both come from the schedule, and not from the database's clock.
    ran_until bigint   NOT NULL
);

-- Their runs, each named by its rule and the time that it ran for.
CREATE TABLE automatic_run (
    rule_id     text        NOT NULL,
    at          bigint      NOT NULL,
    tenant      smallint    NOT NULL DEFAULT 1,
    -- choosing, chosen, ended.
    state       text        NOT NULL,
    -- Rises with every takeover; whoever has a lower one writes nothing.
    fence       bigint      NOT NULL,
    lease_until timestamptz NOT NULL,
    -- The run as it stands; written whole at every step.
    body        text        NOT NULL,
    PRIMARY KEY (rule_id, at)
);
-- One unfinished run of a rule at a time.
CREATE UNIQUE INDEX automatic_run_open ON automatic_run (rule_id) WHERE state <> 'ended';

-- Which invoices a rule has chosen, and in which run: it never chooses one again by itself.
CREATE TABLE automatic_try (
    rule_id      text     NOT NULL,
    tax_id       int      NOT NULL,
    number       text     NOT NULL,
    code         text     NOT NULL,
    tenant       smallint NOT NULL DEFAULT 1,
    at           bigint   NOT NULL,
    -- Its place in the run, from 0.
    n            int      NOT NULL,
    invoice_type smallint NOT NULL,
    -- Fen (0.01 yuan), as all money.
    tax          bigint   NOT NULL,
    -- Of the rule's target; NULL: it had none.
    period       int,
    PRIMARY KEY (rule_id, tax_id, number, code)
);
CREATE INDEX automatic_try_run ON automatic_try (rule_id, at, n);
