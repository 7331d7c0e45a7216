-- Versions of statistic tables, kept for good: what the bureau counted when a table was generated or
-- confirmed, what our pool had selected then, and the file that was made of both.

CREATE TABLE statistic_version (
    tax_id        INTEGER NOT NULL REFERENCES taxpayer (id),
    period        INTEGER NOT NULL,
    -- The fence of the task that told of it.
    "order"       INTEGER NOT NULL,
    tenant        INTEGER NOT NULL DEFAULT 1,
    task_id       BLOB    NOT NULL,
    kind          TEXT    NOT NULL,
    state         TEXT    NOT NULL CHECK (state IN ('generated', 'confirmed')),
    -- As in statistic_table, at that moment.
    figures       TEXT,
    figures_at    INTEGER,
    figures_order INTEGER,
    -- `domain::statistic::Figures` in JSON, too.
    ours          TEXT    NOT NULL,
    at            INTEGER NOT NULL,
    withdrawn_at  INTEGER,
    -- `domain::statistic::VersionFile` in JSON; NULL: not made yet.
    file          TEXT,
    -- From when on somebody may make it.
    file_due      INTEGER NOT NULL,
    PRIMARY KEY (tax_id, period, "order")
) WITHOUT ROWID;
CREATE INDEX statistic_version_fileless ON statistic_version (file_due) WHERE file IS NULL;
