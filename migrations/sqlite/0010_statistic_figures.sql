-- What the bureau counts in a statistic table, as `domain::statistic::Figures` in JSON: the newest
-- figures, when they were heard, and under which fence.
ALTER TABLE statistic_table ADD COLUMN figures       TEXT;
ALTER TABLE statistic_table ADD COLUMN figures_at    INTEGER;
ALTER TABLE statistic_table ADD COLUMN figures_order INTEGER;

-- Secrets that tasks name, sealed with a key that is not in the database.
CREATE TABLE secret (
    name       TEXT    PRIMARY KEY,
    tenant     INTEGER NOT NULL DEFAULT 1,
    sealed     BLOB    NOT NULL,
    changed_at INTEGER NOT NULL
) WITHOUT ROWID;
