-- Uploaded lists (引入清单勾选).
CREATE TABLE list_import (
    list_id    text        PRIMARY KEY,
    tenant     smallint    NOT NULL DEFAULT 1,
    -- The list as it stands, without its rows; written whole at every change.
    head       text        NOT NULL,
    version    int         NOT NULL,
    -- SHA-256 of purpose and file, in hexadecimal.
    asked      text        NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX list_import_newest ON list_import (created_at, list_id COLLATE "C");

-- Its rows with their results.
CREATE TABLE list_row (
    list_id text     NOT NULL,
    -- The row's number in the sheet.
    n       int      NOT NULL,
    tenant  smallint NOT NULL DEFAULT 1,
    -- failed, task_fails, left_out, listed.
    result  text     NOT NULL,
    body    text     NOT NULL,
    PRIMARY KEY (list_id, n)
);
