//! The invoice pool and the ledger.

use super::Submitted;
use crate::problem::{Problem, ProblemIfAny};
use domain::{
    invoice::{Invoice, InvoiceFile},
    load::Rejected,
};
use fleet::ports::{ledger::LedgerEntry, pool::InvoiceCard};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What became of one write-back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WritebackOutcome {
    /// The pool says it now.
    Written,
    /// It was told before, by the same version; nothing was done.
    Repeated,
    /// Something newer was told before; nothing was done.
    Older,
    /// It may not be; the reason is a sentence for people.
    Refused,
    /// The invoice is not in the pool: download or import it, then send this again.
    NoSuchInvoice,
    /// It cannot be read; the reason names the field.
    Rejected,
}

impl WritebackOutcome {
    pub const fn name(self) -> &'static str {
        match self {
            WritebackOutcome::Written => "written",
            WritebackOutcome::Repeated => "repeated",
            WritebackOutcome::Older => "older",
            WritebackOutcome::Refused => "refused",
            WritebackOutcome::NoSuchInvoice => "no_such_invoice",
            WritebackOutcome::Rejected => "rejected",
        }
    }

    /// It need not be sent again.
    pub const fn taken(self) -> bool {
        use WritebackOutcome::{Older, Repeated, Written};
        matches!(self, Written | Repeated | Older)
    }
}

/// One write-back's outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WritebackView {
    /// Line of an NDJSON body, or place in an array, from 1.
    pub line: usize,
    pub outcome: WritebackOutcome,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// What became of each write-back, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Writebacks {
    pub outcomes: Vec<WritebackView>,
    /// How many of them were not taken.
    pub not_taken: usize,
    /// Set when none was taken.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ProblemIfAny)]
    pub problem: Option<Problem>,
}

/// What was made to read invoices anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Resync {
    /// How many invoices will be read.
    pub invoices: usize,
    /// The tasks that read them, as after publishing; their `line` counts them.
    pub tasks: Vec<Submitted>,
}

/// A page of invoices, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct InvoicePage {
    /// With every field that the pool has of them
    #[schema(value_type = Vec<Object>)]
    pub invoices: Vec<Invoice>,
    /// The `after` of the next page; null on the last one.
    pub next: Option<String>,
}

/// A page of the ledger, the newest task first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LedgerPage {
    #[schema(value_type = Vec<Object>)]
    pub lines: Vec<LedgerEntry>,
    /// The `after` of the next page; null on the last one.
    pub next: Option<String>,
}

/// An invoice and its newest task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct InvoiceView {
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub card: InvoiceCard,
    /// What is said when it never had a task; empty when it had one.
    pub sentence: String,
}

/// The layout files that are kept of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvoiceFiles {
    /// `format`, `bytes`, `sha256` and `at` of each
    #[schema(value_type = Vec<Object>)]
    pub files: Vec<InvoiceFile>,
}

/// What became of a bulk load.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LoadView {
    /// That are not blank
    pub rows: usize,
    pub loaded: usize,
    /// `row`, `column` and `problem` of each row that was not loaded
    #[schema(value_type = Vec<Object>)]
    pub rejected: Vec<Rejected>,
}
