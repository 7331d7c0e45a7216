-- Which version of which business document wrote a part of an invoice last: `document` what was
-- submitted, `voucher` its voucher. `told_at` is the document's own time, in microseconds since
-- 1970; the digest tells a repetition from another content under the same version.
CREATE TABLE writeback (
    tax_id      INTEGER NOT NULL,
    number      TEXT    NOT NULL,
    code        TEXT    NOT NULL,
    part        TEXT    NOT NULL CHECK (part IN ('document', 'voucher')),
    tenant      INTEGER NOT NULL DEFAULT 1,
    document_id TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    told_at     INTEGER NOT NULL,
    digest      TEXT    NOT NULL,
    PRIMARY KEY (tax_id, number, code, part),
    FOREIGN KEY (tax_id, number, code) REFERENCES invoice (tax_id, number, code) ON DELETE CASCADE
) WITHOUT ROWID;
