-- Layout files (版式文件) of invoices; their bytes are in the file store.
CREATE TABLE invoice_file (
    tax_id  int         NOT NULL,
    number  text        NOT NULL,
    code    text        NOT NULL,
    -- pdf, ofd or xml.
    format  text        NOT NULL,
    tenant  smallint    NOT NULL DEFAULT 1,
    bytes   bigint      NOT NULL,
    -- 64 hexadecimal digits: what the file store knows it by.
    sha256  text        NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (tax_id, number, code, format)
);
