//! A version of a statistic table (统计表版本) as a file: its figures beside ours, and the invoices.

use crate::{Heading, Holds, INVOICES, Table, Value, WriteError};
use domain::{
    Moment,
    invoice::Invoice,
    period::shanghai,
    statistic::{Sum, TableVersion, compared, use_label},
};
use std::io::Write;

/// A file on its way: the table first, then its invoices, row by row.
#[derive(Debug)]
pub struct TableFile(Table);

impl TableFile {
    /// `read_at` is when its invoices were read. With `left_out`, the sentence why there are none,
    /// it has no sheet for them.
    pub fn new(
        version: &TableVersion,
        read_at: Moment,
        left_out: &str,
    ) -> Result<TableFile, WriteError> {
        let facts = facts(version);
        let mut preface: Vec<(&str, Value<'_>)> =
            facts.iter().map(|(label, text)| (*label, Value::Text(text))).collect();
        if !left_out.is_empty() {
            preface.push(("发票明细", Value::Text(left_out)));
        }
        let mut table = Table::with_preface("统计表", &headings(), &preface, read_at)?;
        figures(&mut table, version)?;
        if left_out.is_empty() {
            let read_at = clock(read_at);
            let preface = [("读取时间", Value::Text(&read_at))];
            table.go_on_with(INVOICES.title, &INVOICES.headings(), &preface)?;
        }
        Ok(TableFile(table))
    }

    /// Writes one invoice.
    pub fn invoice(&mut self, invoice: &Invoice) -> Result<(), WriteError> {
        INVOICES.write(&mut self.0, invoice)
    }

    pub fn finish(self, writer: impl Write + Send) -> Result<(), WriteError> {
        self.0.finish(writer)
    }
}

/// What stands above the figures.
fn facts(version: &TableVersion) -> [(&'static str, String); 9] {
    let asked_at = version.known.as_ref().map(|known| clock(known.asked_at));
    [
        ("税号", version.tax_no.to_string()),
        ("税款所属期", version.id.period.to_string()),
        ("版本", version.id.to_string()),
        ("状态", version.state.label().to_owned()),
        ("任务类型", version.kind.label().to_owned()),
        ("任务编号", version.task.to_string()),
        ("税局返回结果时间", clock(version.at)),
        ("税局统计数据时间", asked_at.unwrap_or_else(|| "税局未返回统计数据".to_owned())),
        ("本系统数据", "任务结果入库时，抵扣税期为该期的已勾选发票（不含退税）".to_owned()),
    ]
}

fn clock(at: Moment) -> String {
    at.with_timezone(&shanghai()).format("%Y-%m-%d %H:%M:%S").to_string()
}

fn headings() -> Vec<Heading<'static>> {
    let text = |text, width| Heading { text, holds: Holds::Text, width };
    let whole = |text| Heading { text, holds: Holds::Whole, width: 12 };
    let money = |text| Heading { text, holds: Holds::Money, width: 18 };
    vec![
        text("发票类型", 26),
        text("用途", 20),
        whole("税局份数"),
        money("税局金额"),
        money("税局税额"),
        whole("本系统份数"),
        money("本系统金额"),
        money("本系统税额"),
        whole("差异份数"),
        money("差异金额"),
        money("差异税额"),
    ]
}

/// A row for each type and use, then the totals of both uses.
fn figures(table: &mut Table, version: &TableVersion) -> Result<(), WriteError> {
    let bureau = version.known.as_ref().map(|known| &known.figures);
    let lines = compared(bureau, &version.ours);
    for line in &lines {
        let (name, bureau) = (line.invoice_type.name(), line.bureau);
        row(table, name, line.deducted, bureau, line.ours)?;
    }
    for deducted in [true, false] {
        let of = || lines.iter().filter(|line| line.deducted == deducted);
        let told = of().filter_map(|line| line.bureau).fold(Sum::default(), Sum::plus);
        let ours = of().map(|line| line.ours).fold(Sum::default(), Sum::plus);
        row(table, "合计", deducted, bureau.map(|_| told), ours)?;
    }
    Ok(())
}

fn row(
    table: &mut Table,
    name: &str,
    deducted: bool,
    bureau: Option<Sum>,
    ours: Sum,
) -> Result<(), WriteError> {
    let cells = |sum: Option<Sum>| match sum {
        None => [Value::Empty; 3],
        Some(Sum { count, amount, tax }) => {
            [Value::Whole(count), Value::Money(amount), Value::Money(tax)]
        }
    };
    let difference = bureau.map(|bureau| bureau.minus(ours));
    let mut values = vec![Value::Text(name), Value::Text(use_label(deducted))];
    values.extend([cells(bureau), cells(Some(ours)), cells(difference)].concat());
    table.row(&values)
}
