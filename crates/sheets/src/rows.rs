//! From a stream of cells to the rows of a table.

use crate::{Limits, Refused, refused::address};
use domain::list::{Cell, column_under};

/// A cell that is not blank; row and column counted from 0.
pub(crate) struct Found {
    pub(crate) row: u32,
    pub(crate) column: u32,
    pub(crate) cell: Cell,
}

/// The columns that a table may have: each one's heading, and whether it must be there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    pub(crate) headings: &'static [(&'static str, bool)],
}

impl Form {
    fn column(self, text: &str) -> Option<usize> {
        column_under(self.headings, text)
    }
}

/// Takes each row that is not blank as soon as it is whole: its number from 1, and a cell for each
/// column of the form.
pub(crate) type Sink<'a> = &'a mut dyn FnMut(u32, Vec<Cell>) -> Result<(), Refused>;

/// What was read so far.
pub(crate) struct Rows<'a> {
    limits: &'a Limits,
    form: Form,
    sink: Sink<'a>,
    /// Where the last cell stood: cells come in the order of reading.
    last: Option<(u32, u32)>,
    /// The row of the headings, and the column of each.
    headings: Option<(u32, Vec<(u32, usize)>)>,
    /// The row that is not whole yet.
    current: Option<(u32, Vec<Cell>)>,
    count: usize,
    text_bytes: u64,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(limits: &'a Limits, form: Form, sink: Sink<'a>) -> Rows<'a> {
        Rows {
            limits,
            form,
            sink,
            last: None,
            headings: None,
            current: None,
            count: 0,
            text_bytes: 0,
        }
    }

    pub(crate) fn take(&mut self, found: Found) -> Result<(), Refused> {
        self.fits(&found)?;
        let begins_row = self.last.is_none_or(|(row, _)| row < found.row);
        self.last = Some((found.row, found.column));
        match &self.headings {
            Some((row, _)) if *row < found.row => self.data(found, begins_row),
            _ => self.heading(found),
        }
    }

    /// How many rows there were, when the table has its headings and at least one row.
    pub(crate) fn finish(mut self) -> Result<usize, Refused> {
        self.all_headings()?;
        self.hand_on()?;
        if self.count == 0 { Err(Refused::NoRows) } else { Ok(self.count) }
    }

    fn hand_on(&mut self) -> Result<(), Refused> {
        match self.current.take() {
            Some((row, cells)) => (self.sink)(row.saturating_add(1), cells),
            None => Ok(()),
        }
    }

    fn fits(&mut self, found: &Found) -> Result<(), Refused> {
        let Found { row, column, .. } = *found;
        if self.last.is_some_and(|last| last >= (row, column)) {
            let at = address(row, column);
            return Err(Refused::Damaged(format!("{at} stands twice or out of order")));
        }
        if column >= self.limits.columns {
            let address = address(row, column);
            return Err(Refused::TooManyColumns { address, limit: self.limits.columns });
        }
        if let Cell::Text(text) | Cell::Date(text) = &found.cell {
            let chars = self.limits.cell_chars;
            if text.chars().nth(chars).is_some() {
                let address = address(row, column);
                return Err(Refused::CellTooLong { address, limit: chars });
            }
            self.text_bytes += text.len() as u64;
        }
        if self.text_bytes > self.limits.unpacked_bytes {
            return Err(Refused::UnpacksTooLarge { limit: self.limits.unpacked_bytes });
        }
        Ok(())
    }

    fn heading(&mut self, found: Found) -> Result<(), Refused> {
        let text = found.cell.shown();
        let Some(column) = self.form.column(&text) else {
            let text = text.chars().take(SHOWN_CHARS).collect();
            return Err(Refused::HeadingUnknown {
                address: address(found.row, found.column),
                text,
            });
        };
        let (row, headings) = self.headings.get_or_insert((found.row, Vec::new()));
        if let Some((first, _)) = headings.iter().find(|(_, known)| *known == column) {
            return Err(Refused::HeadingTwice {
                heading: self.form.headings[column].0,
                first: address(*row, *first),
                second: address(found.row, found.column),
            });
        }
        headings.push((found.column, column));
        Ok(())
    }

    fn data(&mut self, found: Found, begins_row: bool) -> Result<(), Refused> {
        if self.count == 0 {
            self.all_headings()?;
        }
        let headings = self.headings.as_ref().map_or(&[][..], |(_, headings)| headings.as_slice());
        let Some(column) = headings.iter().find(|(at, _)| *at == found.column).map(|found| found.1)
        else {
            return Err(Refused::NoHeading { address: address(found.row, found.column) });
        };
        if begins_row {
            if self.count == self.limits.rows {
                return Err(Refused::TooManyRows { limit: self.limits.rows });
            }
            self.hand_on()?;
            self.count += 1;
            self.current = Some((found.row, vec![Cell::Empty; self.form.headings.len()]));
        }
        if let Some((_, cells)) = &mut self.current {
            cells[column] = found.cell;
        }
        Ok(())
    }

    fn all_headings(&self) -> Result<(), Refused> {
        let headings = self.headings.as_ref().map_or(&[][..], |(_, headings)| headings.as_slice());
        for (column, (heading, needed)) in self.form.headings.iter().enumerate() {
            if *needed && !headings.iter().any(|(_, known)| *known == column) {
                return Err(Refused::HeadingMissing(heading));
            }
        }
        Ok(())
    }
}

/// Characters of a heading that a sentence repeats.
const SHOWN_CHARS: usize = 40;
