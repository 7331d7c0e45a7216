-- Versions of statistic tables, kept for good: what the bureau counted when a table was generated or
-- confirmed, what our pool had selected then, and the file that was made of both.

CREATE TABLE statistic_version (
    tax_id        int         NOT NULL,
    period        int         NOT NULL,
    -- The fence of the task that told of it.
    "order"       bigint      NOT NULL,
    tenant        smallint    NOT NULL DEFAULT 1,
    task_id       uuid        NOT NULL,
    kind          text        NOT NULL,
    state         text        NOT NULL CHECK (state IN ('generated', 'confirmed')),
    -- As in statistic_table, at that moment.
    figures       text,
    figures_at    timestamptz,
    figures_order bigint,
    -- `domain::statistic::Figures` in JSON, too.
    ours          text        NOT NULL,
    at            timestamptz NOT NULL,
    withdrawn_at  timestamptz,
    -- `domain::statistic::VersionFile` in JSON; NULL: not made yet.
    file          text,
    -- From when on somebody may make it.
    file_due      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tax_id, period, "order")
);
CREATE INDEX statistic_version_fileless ON statistic_version (file_due) WHERE file IS NULL;
