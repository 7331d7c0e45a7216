//! Writing tables, row by row: what was written leaves memory at once.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
use domain::{Moment, money::Fen, period::shanghai};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};
use std::{fmt, io::Write};

/// Rows of a sheet, headings included: what the format can hold.
pub const SHEET_ROWS: u32 = 1_048_576;

/// What a column holds, which is how its cells are shown.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Holds {
    Text,
    Whole,
    /// Yuan with two decimals.
    Money,
    /// `2025-11-30`
    Date,
    /// `2025-11-30 08:00:00`, in Asia/Shanghai.
    Moment,
}

/// A column's heading.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Heading<'a> {
    pub text: &'a str,
    pub holds: Holds,
    /// In characters of the standard font.
    pub width: u16,
}

/// One cell. A value is written as what it is, whatever its column holds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Value<'a> {
    Empty,
    /// Stays text, also when it begins with `=`, `+`, `-` or `@`, or has digits only.
    Text(&'a str),
    Whole(i64),
    Money(Fen),
    Date(NaiveDate),
    Moment(Moment),
}

/// A table could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("row {row} has {cells} cells, and the table {columns} columns")]
    Width { row: u64, cells: usize, columns: usize },
    #[error("a table needs at least two rows a sheet, and at most {most}; not {0}", most = SHEET_ROWS)]
    SheetRows(u32),
    #[error("row {row}, column {column}: {error}")]
    Cell { row: u64, column: usize, error: XlsxError },
    #[error(transparent)]
    Sheet(#[from] XlsxError),
}

/// A table on its way into a file.
pub struct Table {
    workbook: Workbook,
    formats: Formats,
    title: String,
    headings: Vec<(String, Holds, u16)>,
    sheet_rows: u32,
    /// Of the whole file.
    sheets: usize,
    /// Of the current title.
    parts: usize,
    /// Of the current sheet, from 0.
    next_row: u32,
    written: u64,
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Table");
        shown.field("title", &self.title).field("written", &self.written).finish_non_exhaustive()
    }
}

struct Formats {
    heading: Format,
    text: Format,
    whole: Format,
    money: Format,
    date: Format,
    moment: Format,
}

impl Formats {
    fn new() -> Formats {
        let number = |format: &str| Format::new().set_num_format(format);
        Formats {
            heading: number("@").set_bold(),
            text: number("@"),
            whole: number("0"),
            money: number("#,##0.00"),
            date: number("yyyy-mm-dd"),
            moment: number("yyyy-mm-dd hh:mm:ss"),
        }
    }

    fn of(&self, holds: Holds) -> &Format {
        match holds {
            Holds::Text => &self.text,
            Holds::Whole => &self.whole,
            Holds::Money => &self.money,
            Holds::Date => &self.date,
            Holds::Moment => &self.moment,
        }
    }
}

impl Table {
    /// A table with this title (at most 25 characters, none of `[]:*?/\`) and these columns.
    /// `made_at` stands in the file's properties. A sheet that is full is followed by another one
    /// with the same headings.
    pub fn new(
        title: &str,
        headings: &[Heading<'_>],
        made_at: Moment,
    ) -> Result<Table, WriteError> {
        Table::begun(title, headings, &[], made_at, SHEET_ROWS)
    }

    /// The same, with fewer rows a sheet, headings included.
    pub fn with_sheet_rows(
        title: &str,
        headings: &[Heading<'_>],
        made_at: Moment,
        sheet_rows: u32,
    ) -> Result<Table, WriteError> {
        Table::begun(title, headings, &[], made_at, sheet_rows)
    }

    /// As [`Table::new`], with labels and their values above the headings of the first sheet.
    pub fn with_preface(
        title: &str,
        headings: &[Heading<'_>],
        preface: &[(&str, Value<'_>)],
        made_at: Moment,
    ) -> Result<Table, WriteError> {
        Table::begun(title, headings, preface, made_at, SHEET_ROWS)
    }

    fn begun(
        title: &str,
        headings: &[Heading<'_>],
        preface: &[(&str, Value<'_>)],
        made_at: Moment,
        sheet_rows: u32,
    ) -> Result<Table, WriteError> {
        if !(2..=SHEET_ROWS).contains(&sheet_rows) {
            return Err(WriteError::SheetRows(sheet_rows));
        }
        let mut workbook = Workbook::new();
        let created = ExcelDateTime::from_timestamp(made_at.timestamp())?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
        let mut table = Table {
            workbook,
            formats: Formats::new(),
            title: String::new(),
            headings: Vec::new(),
            sheet_rows,
            sheets: 0,
            parts: 0,
            next_row: 0,
            written: 0,
        };
        table.go_on_with(title, headings, preface)?;
        Ok(table)
    }

    /// Another table in the same file, on sheets of its own. Labels with their values stand above
    /// the headings of its first sheet.
    pub fn go_on_with(
        &mut self,
        title: &str,
        headings: &[Heading<'_>],
        preface: &[(&str, Value<'_>)],
    ) -> Result<(), WriteError> {
        let named = |heading: &Heading<'_>| (heading.text.to_owned(), heading.holds, heading.width);
        self.title = title.to_owned();
        self.headings = headings.iter().map(named).collect();
        self.parts = 0;
        self.begin_sheet(preface)
    }

    /// Writes one row.
    pub fn row(&mut self, cells: &[Value<'_>]) -> Result<(), WriteError> {
        let (row, columns) = (self.written + 1, self.headings.len());
        if cells.len() != columns {
            return Err(WriteError::Width { row, cells: cells.len(), columns });
        }
        if self.next_row == self.sheet_rows {
            self.begin_sheet(&[])?;
        }
        for (column, value) in cells.iter().enumerate() {
            let written = self.cell(column, *value);
            written.map_err(|error| WriteError::Cell { row, column: column + 1, error })?;
        }
        self.next_row += 1;
        self.written = row;
        Ok(())
    }

    /// Puts the file together, part by part.
    pub fn finish(mut self, writer: impl Write + Send) -> Result<(), WriteError> {
        Ok(self.workbook.save_to_writer(writer)?)
    }

    fn begin_sheet(&mut self, preface: &[(&str, Value<'_>)]) -> Result<(), WriteError> {
        self.sheets += 1;
        self.parts += 1;
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        match self.parts {
            1 => sheet.set_name(&self.title)?,
            n => sheet.set_name(format!("{}({n})", self.title))?,
        };
        for (column, (_, holds, width)) in (0..).zip(&self.headings) {
            sheet.set_column_width(column, *width)?;
            sheet.set_column_format(column, self.formats.of(*holds))?;
        }
        self.next_row = 0;
        for (label, value) in preface {
            self.label(0, label)?;
            self.cell(1, *value)?;
            self.next_row += 1;
        }
        match preface {
            [] => {
                _ = self.workbook.worksheet_from_index(self.sheets - 1)?.set_freeze_panes(1, 0)?
            }
            // One row between both.
            _ => self.next_row += 1,
        }
        for column in 0..self.headings.len() {
            let text = self.headings[column].0.clone();
            self.label(column, &text)?;
        }
        self.next_row += 1;
        Ok(())
    }

    fn label(&mut self, column: usize, text: &str) -> Result<(), XlsxError> {
        let column = u16::try_from(column).map_err(|_| XlsxError::RowColumnLimitError)?;
        let sheet = self.workbook.worksheet_from_index(self.sheets - 1)?;
        sheet.write_string_with_format(self.next_row, column, text, &self.formats.heading)?;
        Ok(())
    }

    fn cell(&mut self, column: usize, value: Value<'_>) -> Result<(), XlsxError> {
        let formats = &self.formats;
        let sheet = self.workbook.worksheet_from_index(self.sheets - 1)?;
        let row = self.next_row;
        let column = u16::try_from(column).map_err(|_| XlsxError::RowColumnLimitError)?;
        let (number, format) = match value {
            Value::Empty => return Ok(()),
            Value::Text(text) => {
                sheet.write_string_with_format(row, column, text, &formats.text)?;
                return Ok(());
            }
            Value::Whole(whole) => (exact(whole).ok_or_else(|| whole.to_string()), &formats.whole),
            Value::Money(fen) => {
                let yuan = exact(fen.0).map(|fen| fen / 100.0);
                (yuan.ok_or_else(|| fen.to_string()), &formats.money)
            }
            Value::Date(date) => (
                serial(date.and_time(NaiveTime::MIN)).ok_or_else(|| date.to_string()),
                &formats.date,
            ),
            Value::Moment(at) => {
                let local = at.with_timezone(&shanghai()).naive_local();
                let text = || local.format("%Y-%m-%d %H:%M:%S").to_string();
                (serial(local).ok_or_else(text), &formats.moment)
            }
        };
        match number {
            Ok(number) => sheet.write_number_with_format(row, column, number, format)?,
            // A spreadsheet would show another value: written as text, every digit stays.
            Err(text) => sheet.write_string_with_format(row, column, text, &formats.text)?,
        };
        Ok(())
    }
}

/// None: a spreadsheet keeps 15 digits only.
fn exact(whole: i64) -> Option<f64> {
    (whole.unsigned_abs() < 1_000_000_000_000_000).then_some(whole as f64)
}

/// Days since the end of 1899, as spreadsheets count them; None: before March 1900, where they
/// count a day that never was, or after 9999.
fn serial(local: NaiveDateTime) -> Option<f64> {
    let begin = DateTime::from_timestamp(BEGIN_S, 0)?.naive_utc();
    let seconds = (local - begin).num_seconds();
    let days = seconds as f64 / 86_400.0;
    (61.0..2_958_466.0).contains(&days).then_some(days)
}

/// 1899-12-30, in seconds from 1970.
const BEGIN_S: i64 = -25_569 * 86_400;
