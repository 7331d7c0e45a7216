//! Tables by their columns: the words of the product, in the order of its pages.

use crate::{
    Heading, Holds, Table, Value, WriteError,
    cells::{Cell, money, optional, text, value, yes},
};
use domain::invoice::Invoice;

type Read<T> = for<'a> fn(&'a T) -> Cell<'a>;

/// A column: its heading, what it holds, its width in characters, and where its cells come from.
pub type ColumnOf<T> = (&'static str, Holds, u16, Read<T>);

/// A table's title and columns.
#[derive(Debug)]
pub struct Columns<T: 'static> {
    pub title: &'static str,
    pub columns: &'static [ColumnOf<T>],
}

impl<T> Columns<T> {
    pub fn headings(&self) -> Vec<Heading<'static>> {
        let heading = |(text, holds, width, _): &ColumnOf<T>| {
            let (text, holds, width) = (*text, *holds, *width);
            Heading { text, holds, width }
        };
        self.columns.iter().map(heading).collect()
    }

    /// Writes one row.
    pub fn write(&self, table: &mut Table, row: &T) -> Result<(), WriteError> {
        let cells: Vec<Cell<'_>> = self.columns.iter().map(|(.., read)| read(row)).collect();
        let values: Vec<Value<'_>> = cells.iter().map(Cell::value).collect();
        table.row(&values)
    }
}

/// 全票池: the fields of an invoice that the product shows.
pub const INVOICES: Columns<Invoice> = Columns {
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
