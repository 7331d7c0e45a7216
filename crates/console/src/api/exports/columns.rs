//! The columns of the exports of tasks and of the ledger: the words of the product, in the order of its
//! pages.

use fleet::ports::{archive::TaskRow, ledger::LedgerEntry};
use sheets::{
    Columns, Holds, Value,
    cells::{Cell, optional, shown, text, value},
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
