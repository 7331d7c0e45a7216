-- What the pool keeps of an invoice beside what rules and channels need.
ALTER TABLE invoice
    -- 采集时间: when it was first collected.
    ADD COLUMN collected_at         timestamptz,
    -- 查验状态, 数据来源, 单据类型.
    ADD COLUMN verification         text    NOT NULL DEFAULT 'unverified',
    ADD COLUMN source               text    NOT NULL DEFAULT '',
    ADD COLUMN document_type        text    NOT NULL DEFAULT '',
    -- 是否可抵扣, 抵扣用途, 不抵扣原因 and its text.
    ADD COLUMN deductible           boolean NOT NULL DEFAULT true,
    ADD COLUMN purpose              text,
    ADD COLUMN non_deduction_reason text,
    ADD COLUMN non_deduction_text   text    NOT NULL DEFAULT '',
    -- 入账状态, 入账属期, 入账时间, 入账税额.
    ADD COLUMN entry_state          text    NOT NULL DEFAULT 'not_entered',
    ADD COLUMN entry_period         int,
    ADD COLUMN entered_at           timestamptz,
    ADD COLUMN entry_tax            bigint,
    -- 转出金额, 转出原因.
    ADD COLUMN transferred_out      bigint,
    ADD COLUMN transfer_reason      text    NOT NULL DEFAULT '',
    -- 凭证号 and its link.
    ADD COLUMN voucher_no           text    NOT NULL DEFAULT '',
    ADD COLUMN voucher_link         text    NOT NULL DEFAULT '';

-- The newest task of an invoice.
CREATE INDEX ledger_invoice ON ledger (invoice_no, invoice_code, at);
