//! Reading an uploaded .xlsx file.

use crate::{
    Limits, Refused, guard,
    refused::address,
    rows::{Form, Found, Rows, Sink},
};
use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use domain::list::{Cell, Column, RawRow};
use std::io::Cursor;

type Book<'a> = Xlsx<Cursor<&'a [u8]>>;

/// The rows of a list that are not blank, as they stand in the first visible sheet.
///
/// Headings stand in the first row that is not blank, in any order. A file that has anything which
/// a list cannot have is refused as a whole; what its cells say is not judged here.
pub fn read_list(bytes: &[u8], limits: &Limits) -> Result<Vec<RawRow>, Refused> {
    let mut rows = Vec::new();
    read_xlsx(bytes, limits, LIST, &mut |number, cells| {
        let mut row = RawRow::empty(number);
        row.cells.iter_mut().zip(cells).for_each(|(place, cell)| *place = cell);
        rows.push(row);
        Ok(())
    })?;
    Ok(rows)
}

const LIST: Form = Form { headings: &Column::HEADINGS };

/// Hands on the rows of a table that are not blank, as they stand in the first visible sheet; how many
/// there were.
pub(crate) fn read_xlsx(
    bytes: &[u8],
    limits: &Limits,
    form: Form,
    sink: Sink<'_>,
) -> Result<usize, Refused> {
    guard::check(bytes, limits)?;
    let mut book: Book<'_> = Xlsx::new(Cursor::new(bytes)).map_err(refused)?;
    let sheet = first_sheet(&book)?;
    let merged = book.merge_cells_by_sheet_name(&sheet).map_err(refused)?;
    if let Some(range) = merged.first() {
        let (first, last) =
            (address(range.start.0, range.start.1), address(range.end.0, range.end.1));
        return Err(Refused::Merged { range: format!("{first}:{last}") });
    }
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(refused)?;
    let mut rows = Rows::new(limits, form, sink);
    while let Some(record) = cells.next_cell_with_formula_metadata().map_err(refused)? {
        let (row, column) = record.pos;
        if record.formula.is_some() {
            return Err(Refused::Formula { address: address(row, column) });
        }
        if let Some(cell) = cell(&record.value, row, column)? {
            rows.take(Found { row, column, cell })?;
        }
    }
    rows.finish()
}

fn first_sheet(book: &Book<'_>) -> Result<String, Refused> {
    let mut sheets = book.sheets_metadata().iter();
    let shown = sheets
        .find(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible);
    shown.map(|sheet| sheet.name.clone()).ok_or(Refused::NoSheet)
}

/// None: nothing stands there.
fn cell(value: &DataRef<'_>, row: u32, column: u32) -> Result<Option<Cell>, Refused> {
    let cell = match value {
        DataRef::Empty => return Ok(None),
        DataRef::Error(_) => return Err(Refused::ErrorValue { address: address(row, column) }),
        DataRef::String(text) => Cell::Text(text.clone()),
        DataRef::SharedString(text) => Cell::Text((*text).to_owned()),
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::Bool(truth) => Cell::Text(if *truth { "TRUE" } else { "FALSE" }.to_owned()),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::Date(text.clone()),
        DataRef::DateTime(date) => {
            let (year, month, day, ..) = date.to_ymd_hms_milli();
            Cell::Date(format!("{year:04}-{month:02}-{day:02}"))
        }
    };
    Ok(if cell.is_blank() { None } else { Some(cell) })
}

fn refused(error: XlsxError) -> Refused {
    match error {
        XlsxError::Password => Refused::Encrypted,
        // A package of another kind: text, slides, an OpenDocument sheet.
        XlsxError::FileNotFound(_) => Refused::NotXlsx,
        other => Refused::Damaged(other.to_string()),
    }
}
