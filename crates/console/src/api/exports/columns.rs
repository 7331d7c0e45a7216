//! The columns of each export: the words of the product, in the order of its pages.

use domain::{invoice::Invoice, money::Fen};
use fleet::ports::{archive::TaskRow, ledger::LedgerEntry};
use sheets::{Heading, Holds, Table, Value, WriteError};
use std::borrow::Cow;

/// What one cell shows.
enum Cell<'a> {
    Text(Cow<'a, str>),
    Value(Value<'a>),
}

type Read<T> = for<'a> fn(&'a T) -> Cell<'a>;

/// A column: its heading, what it holds, its width in characters, and where its cells come from.
type Column<T> = (&'static str, Holds, u16, Read<T>);

/// A table's title and columns.
pub(super) struct Columns<T: 'static> {
    pub(super) title: &'static str,
    columns: &'static [Column<T>],
}

impl<T> Columns<T> {
    pub(super) fn headings(&self) -> Vec<Heading<'static>> {
        let heading = |(text, holds, width, _): &Column<T>| {
            let (text, holds, width) = (*text, *holds, *width);
            Heading { text, holds, width }
        };
        self.columns.iter().map(heading).collect()
    }

    pub(super) fn write(&self, table: &mut Table, row: &T) -> Result<(), WriteError> {
        let cells: Vec<Cell<'_>> = self.columns.iter().map(|(.., read)| read(row)).collect();
        let values: Vec<Value<'_>> = cells
            .iter()
            .map(|cell| match cell {
                Cell::Text(text) => Value::Text(text),
                Cell::Value(value) => *value,
            })
            .collect();
        table.row(&values)
    }
}

fn text(text: &str) -> Cell<'_> {
    Cell::Text(Cow::Borrowed(text))
}

fn shown(value: &impl ToString) -> Cell<'static> {
    Cell::Text(Cow::Owned(value.to_string()))
}

fn optional(value: Option<&impl ToString>) -> Cell<'static> {
    value.map_or(Cell::Value(Value::Empty), shown)
}

fn money(amount: Fen) -> Cell<'static> {
    Cell::Value(Value::Money(amount))
}

fn value<V>(value: Option<V>, cell: fn(V) -> Value<'static>) -> Cell<'static> {
    Cell::Value(value.map_or(Value::Empty, cell))
}

fn yes(truth: bool) -> Cell<'static> {
    text(if truth { "是" } else { "否" })
}

/// 全票池: the fields of an invoice that the product shows.
pub(super) const INVOICES: Columns<Invoice> = Columns {
    title: "发票",
    columns: &[
        ("购买方税号", Holds::Text, 22, |i| text(i.buyer_tax_no.as_str())),
        ("税务组织", Holds::Text, 12, |i| text(&i.tax_org)),
        ("核算组织", Holds::Text, 12, |i| text(&i.accounting_org)),
        ("发票类型", Holds::Text, 26, |i| text(i.facts.invoice_type.name())),
        ("发票代码", Holds::Text, 14, |i| text(&i.facts.key.code)),
        ("发票号码", Holds::Text, 24, |i| text(&i.facts.key.number)),
        ("开票日期", Holds::Date, 12, |i| value(i.facts.date, Value::Date)),
        ("金额", Holds::Money, 16, |i| money(i.facts.amount)),
        ("票面税额", Holds::Money, 14, |i| money(i.facts.tax)),
        ("销售方名称", Holds::Text, 30, |i| text(&i.seller_name)),
        ("销售方税号", Holds::Text, 22, |i| text(&i.seller_tax_no)),
        ("发票状态", Holds::Text, 10, |i| text(i.facts.status.label())),
        ("风险等级", Holds::Text, 10, |i| text(i.facts.risk.label())),
        ("勾选状态", Holds::Text, 10, |i| text(i.facts.selection.label())),
        ("是否可抵扣", Holds::Text, 10, |i| yes(i.details.deductible)),
        ("抵扣用途", Holds::Text, 10, |i| {
            optional(i.details.purpose.map(|p| p.label()).as_ref())
        }),
        ("抵扣税期", Holds::Text, 10, |i| optional(i.facts.period.as_ref())),
        ("不抵扣原因", Holds::Text, 24, |i| {
            optional(i.details.non_deduction_reason.map(|reason| reason.label()).as_ref())
        }),
        ("不抵扣原因说明", Holds::Text, 24, |i| text(&i.details.non_deduction_text)),
        ("入账状态", Holds::Text, 12, |i| text(i.details.entry_state.label())),
        ("入账属期", Holds::Text, 10, |i| optional(i.details.entry_period.as_ref())),
        ("入账时间", Holds::Moment, 20, |i| value(i.details.entered_at, Value::Moment)),
        ("入账税额", Holds::Money, 14, |i| value(i.details.entry_tax, Value::Money)),
        ("转出金额", Holds::Money, 14, |i| value(i.details.transferred_out, Value::Money)),
        ("转出原因", Holds::Text, 24, |i| text(&i.details.transfer_reason)),
        ("凭证号", Holds::Text, 16, |i| text(&i.details.voucher_no)),
        ("查验状态", Holds::Text, 12, |i| text(i.details.verification.label())),
        ("数据来源", Holds::Text, 16, |i| text(&i.details.source)),
        ("单据类型", Holds::Text, 16, |i| text(&i.details.document_type)),
        ("特殊票种", Holds::Text, 16, |i| text(&i.facts.special_kind)),
        ("采集时间", Holds::Moment, 20, |i| value(i.details.collected_at, Value::Moment)),
    ],
};

/// 税局用票日志
pub(super) const TASKS: Columns<TaskRow> = Columns {
    title: "税局用票日志",
    columns: &[
        ("任务编号", Holds::Text, 38, |row| shown(&row.task_id)),
        ("批次", Holds::Text, 24, |row| optional(row.batch_id.as_ref())),
        ("任务类型", Holds::Text, 20, |row| text(row.kind.label())),
        ("税号", Holds::Text, 22, |row| text(row.tax_no.as_str())),
        ("税局", Holds::Text, 10, |row| optional(row.bureau.map(|one| one.name()).as_ref())),
        ("账号", Holds::Text, 16, |row| optional(row.account.as_ref())),
        ("税款所属期", Holds::Text, 12, |row| optional(row.tax_period.as_ref())),
        ("状态", Holds::Text, 10, |row| text(row.shown_state.label())),
        ("说明", Holds::Text, 60, |row| text(&row.reason)),
        ("发票数", Holds::Whole, 8, |row| whole(row.invoices_total)),
        ("成功数", Holds::Whole, 8, |row| whole(row.invoices_succeeded)),
        ("提交次数", Holds::Whole, 8, |row| whole(row.attempts)),
        ("登记时间", Holds::Moment, 20, |row| Cell::Value(Value::Moment(row.enqueued_at))),
        ("开始时间", Holds::Moment, 20, |row| value(row.started_at, Value::Moment)),
        ("结束时间", Holds::Moment, 20, |row| value(row.finished_at, Value::Moment)),
        ("重试自", Holds::Text, 38, |row| optional(row.retry_of.as_ref())),
        ("提交方", Holds::Text, 16, |row| optional(row.submitted_by.as_ref())),
    ],
};

fn whole(count: u32) -> Cell<'static> {
    Cell::Value(Value::Whole(i64::from(count)))
}

/// 用票操作台账
pub(super) const LEDGER: Columns<LedgerEntry> = Columns {
    title: "用票操作台账",
    columns: &[
        ("税号", Holds::Text, 22, |entry| text(entry.tax_no.as_str())),
        ("发票代码", Holds::Text, 14, |entry| text(&entry.line.invoice.code)),
        ("发票号码", Holds::Text, 24, |entry| text(&entry.line.invoice.number)),
        ("任务类型", Holds::Text, 20, |entry| text(entry.kind.label())),
        ("结果", Holds::Text, 10, |entry| text(entry.line.outcome.label())),
        ("说明", Holds::Text, 60, |entry| text(&entry.line.reason)),
        ("处理时间", Holds::Moment, 20, |entry| Cell::Value(Value::Moment(entry.at))),
        ("任务编号", Holds::Text, 38, |entry| shown(&entry.task_id)),
        ("批次", Holds::Text, 24, |entry| optional(entry.batch_id.as_ref())),
        ("登记时间", Holds::Moment, 20, |entry| Cell::Value(Value::Moment(entry.enqueued_at))),
    ],
};
