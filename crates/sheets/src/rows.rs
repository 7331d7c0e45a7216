//! From a stream of cells to the rows of a list.

use crate::{Limits, Refused, refused::address};
use domain::list::{Cell, Column, RawRow};

/// A cell that is not blank; row and column counted from 0.
pub(crate) struct Found {
    pub(crate) row: u32,
    pub(crate) column: u32,
    pub(crate) cell: Cell,
}

/// What was read so far.
pub(crate) struct Rows<'a> {
    limits: &'a Limits,
    /// Where the last cell stood: cells come in the order of reading.
    last: Option<(u32, u32)>,
    /// The row of the headings, and the column of each.
    headings: Option<(u32, Vec<(u32, Column)>)>,
    rows: Vec<RawRow>,
    text_bytes: u64,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(limits: &'a Limits) -> Rows<'a> {
        Rows { limits, last: None, headings: None, rows: Vec::new(), text_bytes: 0 }
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

    /// Every row, when the list has its headings and at least one row.
    pub(crate) fn finish(self) -> Result<Vec<RawRow>, Refused> {
        self.all_headings()?;
        if self.rows.is_empty() { Err(Refused::NoRows) } else { Ok(self.rows) }
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
        let Some(column) = Column::of_heading(&text) else {
            let text = text.chars().take(SHOWN_CHARS).collect();
            return Err(Refused::HeadingUnknown {
                address: address(found.row, found.column),
                text,
            });
        };
        let (row, headings) = self.headings.get_or_insert((found.row, Vec::new()));
        if let Some((first, _)) = headings.iter().find(|(_, known)| *known == column) {
            return Err(Refused::HeadingTwice {
                heading: column.heading(),
                first: address(*row, *first),
                second: address(found.row, found.column),
            });
        }
        headings.push((found.column, column));
        Ok(())
    }

    fn data(&mut self, found: Found, begins_row: bool) -> Result<(), Refused> {
        if self.rows.is_empty() {
            self.all_headings()?;
        }
        let headings = self.headings.as_ref().map_or(&[][..], |(_, headings)| headings.as_slice());
        let Some((_, column)) = headings.iter().find(|(at, _)| *at == found.column) else {
            return Err(Refused::NoHeading { address: address(found.row, found.column) });
        };
        if begins_row {
            if self.rows.len() == self.limits.rows {
                return Err(Refused::TooManyRows { limit: self.limits.rows });
            }
            self.rows.push(RawRow::empty(found.row.saturating_add(1)));
        }
        if let Some(row) = self.rows.last_mut() {
            row.cells[*column as usize] = found.cell;
        }
        Ok(())
    }

    fn all_headings(&self) -> Result<(), Refused> {
        let headings = self.headings.as_ref().map_or(&[][..], |(_, headings)| headings.as_slice());
        let needed = Column::ALL.into_iter().filter(|column| *column != Column::Type);
        for column in needed {
            if !headings.iter().any(|(_, known)| *known == column) {
                return Err(Refused::HeadingMissing(column.heading()));
            }
        }
        Ok(())
    }
}

/// Characters of a heading that a sentence repeats.
const SHOWN_CHARS: usize = 40;
