-- What is done around selection: checks before a period is confirmed, filing days, and confirmation
-- runs. PostgreSQL writes the pool's table anew for its two columns, which locks it meanwhile: migrate
-- a large pool when nobody works.
--
-- No index may have `selection` or `period`, which settlements change. Both columns are made from
-- what a settlement leaves alone, unless the bureau tells another status, risk or entry state.
ALTER TABLE invoice
    -- Rule 2.4 or 2.5 would refuse to select it now.
    ADD COLUMN suspect   boolean NOT NULL GENERATED ALWAYS AS
        (status NOT IN ('normal', 'partly_reversed') OR risk NOT IN ('', 'normal')) STORED,
    -- The period in whose books it stands: its own entry period, else the month of its date.
    ADD COLUMN booked_in int GENERATED ALWAYS AS
        (CASE WHEN entry_state = 'entered' THEN
              coalesce(entry_period,
                       (extract(year FROM date) * 100 + extract(month FROM date))::int) END) STORED;
-- On `tax_id + 0`, as `invoice_of_buyer` (migration 8).
CREATE INDEX invoice_suspect
    ON invoice ((tax_id + 0), coalesce(date, DATE '0001-01-01'), number COLLATE "C",
                code COLLATE "C")
 WHERE suspect;
CREATE INDEX invoice_booked
    ON invoice ((tax_id + 0), booked_in, coalesce(date, DATE '0001-01-01'), number COLLATE "C",
                code COLLATE "C")
 WHERE booked_in IS NOT NULL;
-- Which organisations a buyer's invoices have, one step of the index for each.
CREATE INDEX invoice_org_of_buyer ON invoice ((tax_id + 0), accounting_org)
 WHERE accounting_org <> '';

-- The newest reading of what is selected for a period.
CREATE TABLE resync (
    tax_id   int         NOT NULL,
    period   int         NOT NULL,
    tenant   smallint    NOT NULL DEFAULT 1,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    by       text        NOT NULL,
    tasks    uuid[]      NOT NULL,
    PRIMARY KEY (tax_id, period)
);

-- Filings of a period, the first one first; nothing of it ever changes.
CREATE INDEX task_log_filing ON task_log (tax_no, tax_period, enqueued_at, task_id)
 WHERE kind = 'tax_filing';

-- The last day of a period, where it is another than the rule's. Bureau 0: the whole country.
CREATE TABLE filing_day (
    period int         NOT NULL,
    bureau int         NOT NULL,
    tenant smallint    NOT NULL DEFAULT 1,
    day    date        NOT NULL,
    by     text        NOT NULL,
    reason text        NOT NULL,
    at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (period, bureau)
);

-- Confirmation runs (批量统计确认), each as it was asked for; `person` is whoever asked, as names are
-- compared.
CREATE TABLE run (
    run_id     text        PRIMARY KEY,
    tenant     smallint    NOT NULL DEFAULT 1,
    person     text        NOT NULL,
    head       text        NOT NULL,
    asked      text        NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (run_id, person)
);
CREATE INDEX run_newest ON run (created_at, run_id COLLATE "C");

-- Its tax numbers. A part with a task waits for that task.
CREATE TABLE run_part (
    run_id     text        NOT NULL,
    tax_no     text        COLLATE "C" NOT NULL,
    tenant     smallint    NOT NULL DEFAULT 1,
    -- Whoever asked for the run, and whoever approved this part: never the same.
    person     text        NOT NULL,
    approver   text,
    state      text        NOT NULL,
    task_id    uuid,
    part       text        NOT NULL,
    version    int         NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run_id, tax_no),
    FOREIGN KEY (run_id, person) REFERENCES run (run_id, person),
    CHECK (approver IS NULL OR approver <> person AND approver <> '')
);
CREATE INDEX run_part_moving ON run_part (changed_at) WHERE task_id IS NOT NULL;
