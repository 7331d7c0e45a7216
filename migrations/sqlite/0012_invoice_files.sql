-- Layout files (版式文件) of invoices; their bytes are in the file store.
CREATE TABLE invoice_file (
    tax_id INTEGER NOT NULL REFERENCES taxpayer (id),
    number TEXT    NOT NULL,
    code   TEXT    NOT NULL,
    -- pdf, ofd or xml.
    format TEXT    NOT NULL,
    tenant INTEGER NOT NULL DEFAULT 1,
    bytes  INTEGER NOT NULL,
    -- 64 hexadecimal digits: what the file store knows it by.
    sha256 TEXT    NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (tax_id, number, code, format)
) WITHOUT ROWID;
