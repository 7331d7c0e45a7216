-- Uploaded lists (引入清单勾选).
CREATE TABLE list_import (
    list_id    TEXT    NOT NULL PRIMARY KEY,
    tenant     INTEGER NOT NULL DEFAULT 1,
    -- The list as it stands, without its rows; written whole at every change.
    head       TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    -- SHA-256 of purpose and file, in hexadecimal.
    asked      TEXT    NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX list_import_newest ON list_import (created_at, list_id);

-- Its rows with their results.
CREATE TABLE list_row (
    list_id TEXT    NOT NULL REFERENCES list_import (list_id),
    -- The row's number in the sheet.
    n       INTEGER NOT NULL,
    tenant  INTEGER NOT NULL DEFAULT 1,
    -- failed, task_fails, left_out, listed.
    result  TEXT    NOT NULL,
    body    TEXT    NOT NULL,
    PRIMARY KEY (list_id, n)
) WITHOUT ROWID;

-- A row of a list names no buyer.
CREATE INDEX invoice_number ON invoice (number, code);
