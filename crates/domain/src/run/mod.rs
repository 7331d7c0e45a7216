//! Confirmation runs (批量统计确认): the statistic tables of many tax numbers made, looked at, approved by
//! a second person, and confirmed.
//!
//! Each tax number is a part that goes its own way ([`RunPart::on`]). What stands in a part is kept
//! before any task is logged, and the task's id follows from it, so that whoever goes on after a
//! crash logs nothing twice.

mod asked;
mod part;
mod plan;
mod wire;

pub use asked::{AskedRun, MalformedRun};
pub use part::{Accepted, Approved, IllegalPart, PartEvent, PartState, RunPart, Seen};
pub use plan::{AS_APPROVED, is_as_approved};

use crate::{Moment, list::squeezed, period::TaxPeriod};
use serde::{Deserialize, Serialize};

/// Limits of one run; more is refused with a sentence.
pub mod limits {
    /// Tax numbers of one run.
    pub const TAX_NUMBERS: usize = 10_000;
    /// Characters of its id, and of whoever asks for it.
    pub const NAME_CHARS: usize = 128;
}

/// A run, without its parts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Run {
    pub run_id: String,
    pub period: TaxPeriod,
    /// Whoever else approves it.
    pub asked_by: String,
    /// The stored secret that confirmations are signed with; `{tax_no}` in it stands for the tax
    /// number.
    pub password_ref: Option<String>,
    /// To the millisecond: the ids of its tasks begin with it.
    pub created_at: Moment,
    /// SHA-256 of what was asked, in hexadecimal: tells a repetition from another run.
    pub asked: String,
}

impl Run {
    /// Approving takes a second person.
    pub fn may_be_approved_by(&self, by: &str) -> bool {
        !person(by).is_empty() && person(by) != person(&self.asked_by)
    }
}

/// A name as it is compared: without space, whatever its case and width.
pub fn person(name: &str) -> String {
    squeezed(name).to_lowercase()
}

#[cfg(test)]
mod tests;
