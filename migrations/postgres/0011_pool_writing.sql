-- A settlement writes 抵扣用途 with the selection, and the use that 乐企 tells 入账状态: no index may
-- have either, or the rows of the pool would not stay HOT. (`invoice_status` stays: it gets a new
-- value only when the bureau's has changed, and an update that leaves it alone is HOT.)
DROP INDEX invoice_purpose;
DROP INDEX invoice_entry_state;

-- A task settles up to 500 invoices at once, which often stand together: there must be room beside
-- every row of a page for its next version, which has a purpose and a reason more.
ALTER TABLE invoice SET (fillfactor = 45);

-- Which version of which business document wrote a part of an invoice last: `document` what was
-- submitted, `voucher` its voucher. `told_at` is the document's own time, in microseconds since
-- 1970; the digest tells a repetition from another content under the same version.
CREATE TABLE writeback (
    tax_id      int      NOT NULL,
    number      text     NOT NULL,
    code        text     NOT NULL,
    part        text     NOT NULL CHECK (part IN ('document', 'voucher')),
    tenant      smallint NOT NULL DEFAULT 1,
    document_id text     NOT NULL,
    version     bigint   NOT NULL,
    told_at     bigint   NOT NULL,
    digest      text     NOT NULL,
    PRIMARY KEY (tax_id, number, code, part),
    FOREIGN KEY (tax_id, number, code) REFERENCES invoice ON DELETE CASCADE
);
