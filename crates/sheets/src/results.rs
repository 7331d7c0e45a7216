//! The result of an import (引入结果): the uploaded rows, each with what became of it.

use crate::{Heading, Holds, Table, Value, WriteError};
use domain::{
    Moment,
    list::{Column, RawRow},
    rules::list::RowResult,
};
use std::io::Write;

/// Writes the rows as they were uploaded, with each one's result and sentence.
pub fn write_results<'a>(
    rows: impl IntoIterator<Item = (&'a RawRow, &'a RowResult)>,
    made_at: Moment,
    writer: impl Write + Send,
) -> Result<(), WriteError> {
    let mut table = Table::new("引入结果", &headings(), made_at)?;
    for (row, result) in rows {
        let cells = row.cells.each_ref().map(|cell| cell.shown());
        let mut values = vec![Value::Whole(i64::from(row.number))];
        values.extend(cells.iter().map(|text| Value::Text(text)));
        values.extend([Value::Text(result.label()), Value::Text(result.sentence())]);
        table.row(&values)?;
    }
    table.finish(writer)
}

fn headings() -> Vec<Heading<'static>> {
    let text = |text, width| Heading { text, holds: Holds::Text, width };
    let mut headings = vec![Heading { text: "行号", holds: Holds::Whole, width: 8 }];
    headings.extend(Column::ALL.map(|column| text(column.heading(), 24)));
    headings.extend([text("引入结果", 12), text("原因", 80)]);
    headings
}
