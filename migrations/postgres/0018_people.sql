-- Users with their roles, and the whole of what the audit tells.

CREATE TABLE person (
    name       text        PRIMARY KEY COLLATE "C",
    tenant     smallint    NOT NULL DEFAULT 1,
    -- A JSON array of roles, each with its organisation.
    grants     text        NOT NULL,
    -- SHA-256: the token itself is not kept.
    token_hash bytea       NOT NULL UNIQUE,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

ALTER TABLE audit
    -- Where the request came from; empty for an effect, which stands beside its request.
    ADD COLUMN source  text NOT NULL DEFAULT '',
    ADD COLUMN asked   text,
    ADD COLUMN before  text,
    ADD COLUMN after   text,
    ADD COLUMN outcome text NOT NULL DEFAULT 'done';

CREATE INDEX audit_by ON audit (by, id);
