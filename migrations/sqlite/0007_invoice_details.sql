-- What the pool keeps of an invoice beside what rules and channels need.
-- 采集时间: when it was first collected.
ALTER TABLE invoice ADD COLUMN collected_at INTEGER;
-- 查验状态, 数据来源, 单据类型.
ALTER TABLE invoice ADD COLUMN verification TEXT NOT NULL DEFAULT 'unverified';
ALTER TABLE invoice ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE invoice ADD COLUMN document_type TEXT NOT NULL DEFAULT '';
-- 是否可抵扣, 抵扣用途, 不抵扣原因 and its text.
ALTER TABLE invoice ADD COLUMN deductible INTEGER NOT NULL DEFAULT 1;
ALTER TABLE invoice ADD COLUMN purpose TEXT;
ALTER TABLE invoice ADD COLUMN non_deduction_reason TEXT;
ALTER TABLE invoice ADD COLUMN non_deduction_text TEXT NOT NULL DEFAULT '';
-- 入账状态, 入账属期, 入账时间, 入账税额.
ALTER TABLE invoice ADD COLUMN entry_state TEXT NOT NULL DEFAULT 'not_entered';
ALTER TABLE invoice ADD COLUMN entry_period INTEGER;
ALTER TABLE invoice ADD COLUMN entered_at INTEGER;
ALTER TABLE invoice ADD COLUMN entry_tax INTEGER;
-- 转出金额, 转出原因.
ALTER TABLE invoice ADD COLUMN transferred_out INTEGER;
ALTER TABLE invoice ADD COLUMN transfer_reason TEXT NOT NULL DEFAULT '';
-- 凭证号 and its link.
ALTER TABLE invoice ADD COLUMN voucher_no TEXT NOT NULL DEFAULT '';
ALTER TABLE invoice ADD COLUMN voucher_link TEXT NOT NULL DEFAULT '';

-- The newest task of an invoice.
CREATE INDEX ledger_invoice ON ledger (invoice_no, invoice_code, at);
