//! List import (引入清单勾选): the rows of an uploaded list, and what their cells say.
//!
//! A list is a table of six columns ([`Column`]) and one [`Purpose`], chosen at upload. Its cells
//! are read here ([`ReadRow::of`]), its rules are [`crate::rules::list`]. Source: the seed's
//! 引入清单勾选, steps 1 to 4; what it leaves open is ours and said so.

mod cell;
mod entry;
mod import;
mod read;
mod reason;

pub use cell::{Cell, CellProblem};
pub(crate) use cell::{clipped, squeezed};
pub use entry::Entry;
pub use import::{Editable, ListImport, ListRefusal, ListRow, ListState, RowOutcome};
pub use read::{Asked, ReadRow};
pub use reason::{Reason, ReasonProblem};

use crate::kind::{Action, Kind};
use serde::{Deserialize, Serialize};

/// 抵扣用途: what a whole list is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// 抵扣
    Deduct,
    /// 不抵扣
    NonDeduct,
}

impl Purpose {
    /// The kind of the tasks that this action makes.
    pub const fn kind(self, action: Action) -> Kind {
        match (self, action) {
            (Purpose::Deduct, Action::Select) => Kind::DeductionSelect,
            (Purpose::Deduct, Action::Deselect) => Kind::DeductionDeselect,
            (Purpose::NonDeduct, Action::Select) => Kind::NonDeductionSelect,
            (Purpose::NonDeduct, Action::Deselect) => Kind::NonDeductionDeselect,
        }
    }
}

/// A column of a list, in the template's order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Column {
    /// Select or deselect.
    Action,
    /// Needed unless the invoice is fully digital.
    Code,
    Number,
    /// In place of code and number.
    PaymentBook,
    /// Needed to select for non-deduction.
    Reason,
    /// Ours, and never needed: what the pool knows wins.
    Type,
}

impl Column {
    pub const ALL: [Column; 6] = [
        Column::Action,
        Column::Code,
        Column::Number,
        Column::PaymentBook,
        Column::Reason,
        Column::Type,
    ];

    /// The heading in files, and the name in sentences.
    pub const fn heading(self) -> &'static str {
        match self {
            Column::Action => "勾选操作",
            Column::Code => "发票代码",
            Column::Number => "发票号码",
            Column::PaymentBook => "海关缴款书号码",
            Column::Reason => "不抵扣原因",
            Column::Type => "发票类型",
        }
    }

    /// Headings in the template's order, and whether a list must have them.
    pub const HEADINGS: [(&str, bool); Column::ALL.len()] = {
        let mut headings = [("", true); Column::ALL.len()];
        let mut at = 0;
        while at < headings.len() {
            headings[at] = (Column::ALL[at].heading(), Column::ALL[at].is_needed());
            at += 1;
        }
        headings
    };

    /// Whether a list must have it.
    const fn is_needed(self) -> bool {
        !matches!(self, Column::Type)
    }
}

/// Which of a table's columns stands under this heading, full-width or spaced as it may be.
pub fn column_under(headings: &[(&str, bool)], text: &str) -> Option<usize> {
    let written = squeezed(text);
    headings.iter().position(|(heading, _)| *heading == written)
}

/// The words of [`Column::Action`], as drop-downs offer them.
pub const ACTIONS: [(Action, &str); 2] = [(Action::Select, "勾选"), (Action::Deselect, "撤销勾选")];

/// One row of a list as it was uploaded.
#[derive(Clone, PartialEq, Debug)]
pub struct RawRow {
    /// The row's number in the sheet, from 1; the headings have one too.
    pub number: u32,
    /// In the order of [`Column::ALL`].
    pub cells: [Cell; Column::ALL.len()],
}

impl RawRow {
    pub fn empty(number: u32) -> RawRow {
        RawRow { number, cells: [const { Cell::Empty }; Column::ALL.len()] }
    }

    pub fn cell(&self, column: Column) -> &Cell {
        &self.cells[column as usize]
    }

    /// The same row with this text in one column.
    pub fn with(mut self, column: Column, text: &str) -> RawRow {
        self.cells[column as usize] = Cell::Text(text.to_owned());
        self
    }

    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(Cell::is_blank)
    }
}

#[cfg(test)]
mod tests;
