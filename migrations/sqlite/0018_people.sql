-- Users with their roles, and the whole of what the audit tells.

CREATE TABLE person (
    name       TEXT     PRIMARY KEY,
    tenant     INTEGER  NOT NULL DEFAULT 1,
    -- A JSON array of roles, each with its organisation.
    grants     TEXT     NOT NULL,
    -- SHA-256: the token itself is not kept.
    token_hash BLOB     NOT NULL UNIQUE,
    changed_at INTEGER  NOT NULL
) WITHOUT ROWID;

-- Where the request came from; empty for an effect, which stands beside its request.
ALTER TABLE audit ADD COLUMN source  TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN asked   TEXT;
ALTER TABLE audit ADD COLUMN before  TEXT;
ALTER TABLE audit ADD COLUMN after   TEXT;
ALTER TABLE audit ADD COLUMN outcome TEXT NOT NULL DEFAULT 'done';

CREATE INDEX audit_by ON audit (by, id);
