-- What the bureau counts in a statistic table, as `domain::statistic::Figures` in JSON: the newest
-- figures, when they were heard, and under which fence.
ALTER TABLE statistic_table
    ADD COLUMN figures       text,
    ADD COLUMN figures_at    timestamptz,
    ADD COLUMN figures_order bigint;

-- Secrets that tasks name, sealed with a key that is not in the database.
CREATE TABLE secret (
    name       text        PRIMARY KEY,
    tenant     smallint    NOT NULL DEFAULT 1,
    sealed     bytea       NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
