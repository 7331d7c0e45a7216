-- What is done around selection: checks before a period is confirmed, filing days, and confirmation
-- runs. Statements repeat the expressions of these indexes word for word.

-- Rule 2.4 or 2.5 would refuse to select it now.
CREATE INDEX invoice_suspect ON invoice (tax_id, coalesce(date, '0001-01-01'), number, code)
 WHERE status NOT IN ('normal', 'partly_reversed') OR risk NOT IN ('', 'normal');
-- The period in whose books it stands: its own entry period, else the month of its date.
CREATE INDEX invoice_booked
    ON invoice (tax_id,
                coalesce(entry_period, CAST(substr(date, 1, 4) || substr(date, 6, 2) AS INTEGER)),
                coalesce(date, '0001-01-01'), number, code)
 WHERE entry_state = 'entered';
-- Which organisations a buyer's invoices have, one step of the index for each.
CREATE INDEX invoice_org_of_buyer ON invoice (tax_id, accounting_org) WHERE accounting_org <> '';

-- The newest reading of what is selected for a period; `tasks` as JSON.
CREATE TABLE resync (
    tax_id   INTEGER NOT NULL REFERENCES taxpayer (id),
    period   INTEGER NOT NULL,
    tenant   INTEGER NOT NULL DEFAULT 1,
    asked_at INTEGER NOT NULL,
    by       TEXT    NOT NULL,
    tasks    TEXT    NOT NULL,
    PRIMARY KEY (tax_id, period)
) WITHOUT ROWID;

-- Filings of a period, the first one first; nothing of it ever changes.
CREATE INDEX task_log_filing ON task_log (tax_no, tax_period, enqueued_at, task_id)
 WHERE kind = 'tax_filing';

-- The last day of a period, where it is another than the rule's. Bureau 0: the whole country.
CREATE TABLE filing_day (
    period INTEGER NOT NULL,
    bureau INTEGER NOT NULL,
    tenant INTEGER NOT NULL DEFAULT 1,
    -- 2025-12-15
    day    TEXT    NOT NULL,
    by     TEXT    NOT NULL,
    reason TEXT    NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (period, bureau)
) WITHOUT ROWID;

-- Confirmation runs (批量统计确认), each as it was asked for; `person` is whoever asked, as names are
-- compared.
CREATE TABLE run (
    run_id     TEXT    NOT NULL PRIMARY KEY,
    tenant     INTEGER NOT NULL DEFAULT 1,
    person     TEXT    NOT NULL,
    head       TEXT    NOT NULL,
    asked      TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (run_id, person)
) WITHOUT ROWID;
CREATE INDEX run_newest ON run (created_at, run_id);

-- Its tax numbers. A part with a task waits for that task.
CREATE TABLE run_part (
    run_id     TEXT    NOT NULL,
    tax_no     TEXT    NOT NULL,
    tenant     INTEGER NOT NULL DEFAULT 1,
    -- Whoever asked for the run, and whoever approved this part: never the same.
    person     TEXT    NOT NULL,
    approver   TEXT,
    state      TEXT    NOT NULL,
    task_id    BLOB,
    part       TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (run_id, tax_no),
    FOREIGN KEY (run_id, person) REFERENCES run (run_id, person),
    CHECK (approver IS NULL OR approver <> person AND approver <> '')
) WITHOUT ROWID;
CREATE INDEX run_part_moving ON run_part (changed_at) WHERE task_id IS NOT NULL;
