//! The result of an import (引入结果): the uploaded rows, each with what became of it.

use crate::{Heading, Holds, Table, Value, WriteError};
use domain::{
    Moment,
    list::{Column, ListRow},
};
use std::io::Write;

/// A result file that is written row by row.
#[derive(Debug)]
pub struct Results(Table);

impl Results {
    pub fn new(made_at: Moment) -> Result<Results, WriteError> {
        Ok(Results(Table::new("引入结果", &headings(), made_at)?))
    }

    /// The row as it was uploaded, with its result and sentence.
    pub fn row(&mut self, row: &ListRow) -> Result<(), WriteError> {
        let mut values = vec![Value::Whole(i64::from(row.row))];
        values.extend(row.cells.iter().map(|text| Value::Text(text)));
        values.extend([Value::Text(row.result.label()), Value::Text(&row.sentence)]);
        self.0.row(&values)
    }

    pub fn finish(self, writer: impl Write + Send) -> Result<(), WriteError> {
        self.0.finish(writer)
    }
}

fn headings() -> Vec<Heading<'static>> {
    let text = |text, width| Heading { text, holds: Holds::Text, width };
    let mut headings = vec![Heading { text: "行号", holds: Holds::Whole, width: 8 }];
    headings.extend(Column::ALL.map(|column| text(column.heading(), 24)));
    headings.extend([text("引入结果", 12), text("原因", 80)]);
    headings
}
