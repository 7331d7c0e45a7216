//! Batches (勾选批次): what a user asks for at once, split into tasks by tax number, action and
//! size.
//!
//! A batch is a draft while its accounts are looked at, and is then submitted: the rules look at
//! all that it asks for one tax number and action, and only then is that split. Ids and bodies of
//! its tasks follow from the batch alone, so that splitting it again logs nothing twice.

mod asked;
mod change;
mod plan;
mod wire;

pub use asked::{AskedBatch, AskedInvoice, MalformedBatch};
pub use change::BatchRefusal;

use crate::{
    Moment,
    bureau::Account,
    invoice::{InvoiceKey, InvoiceType, NonDeductionReason, Purpose},
    kind::{Action, Kind},
    period::TaxPeriod,
    rules::Rule,
    tax_no::TaxNo,
};
use serde::{Deserialize, Serialize};

/// Limits of one batch; more is refused with a sentence.
pub mod limits {
    /// Invoices of one batch: as many as a list has rows.
    pub const INVOICES: usize = 50_000;
}

/// What a batch is for: a purpose at the bureau, or a mark in our own pool.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchPurpose {
    /// 抵扣
    Deduction,
    /// 不抵扣
    NonDeduction,
    /// 退税
    Rebate,
    /// 预勾选
    PreSelection,
}

impl BatchPurpose {
    pub const ALL: [BatchPurpose; 4] = [
        BatchPurpose::Deduction,
        BatchPurpose::NonDeduction,
        BatchPurpose::Rebate,
        BatchPurpose::PreSelection,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            BatchPurpose::Deduction => "deduction",
            BatchPurpose::NonDeduction => "non_deduction",
            BatchPurpose::Rebate => "rebate",
            BatchPurpose::PreSelection => "pre_selection",
        }
    }

    /// The kind of task that does this to invoices.
    pub const fn kind(self, action: Action) -> Kind {
        match (self, action) {
            (BatchPurpose::Deduction, Action::Select) => Kind::DeductionSelect,
            (BatchPurpose::Deduction, Action::Deselect) => Kind::DeductionDeselect,
            (BatchPurpose::NonDeduction, Action::Select) => Kind::NonDeductionSelect,
            (BatchPurpose::NonDeduction, Action::Deselect) => Kind::NonDeductionDeselect,
            (BatchPurpose::Rebate, Action::Select) => Kind::RebateSelect,
            (BatchPurpose::Rebate, Action::Deselect) => Kind::RebateDeselect,
            (BatchPurpose::PreSelection, Action::Select) => Kind::PreSelect,
            (BatchPurpose::PreSelection, Action::Deselect) => Kind::PreDeselect,
        }
    }
}

impl From<Purpose> for BatchPurpose {
    fn from(purpose: Purpose) -> BatchPurpose {
        match purpose {
            Purpose::Deduction => BatchPurpose::Deduction,
            Purpose::NonDeduction => BatchPurpose::NonDeduction,
            Purpose::Rebate => BatchPurpose::Rebate,
        }
    }
}

/// Where a batch itself stands; how far its tasks are is counted from the log.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchState {
    /// Its accounts may be changed and tax numbers dropped; nothing is held yet.
    Draft,
    /// Its tasks are being logged; whoever finds it left so goes on.
    Submitting,
    /// All of its tasks are in the log.
    Submitted,
    /// Called off while it was a draft.
    Cancelled,
}

impl BatchState {
    pub const ALL: [BatchState; 4] =
        [BatchState::Draft, BatchState::Submitting, BatchState::Submitted, BatchState::Cancelled];

    pub const fn name(self) -> &'static str {
        match self {
            BatchState::Draft => "draft",
            BatchState::Submitting => "submitting",
            BatchState::Submitted => "submitted",
            BatchState::Cancelled => "cancelled",
        }
    }
}

/// What a batch asks for one tax number and action.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BatchPart {
    pub tax_no: TaxNo,
    pub action: Action,
    pub invoices: usize,
    /// None: the tax number's default account for receiving.
    pub account: Option<Account>,
    /// A list rule that its tasks end by: they are made, and refused with its sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Rule>,
    /// Dropped from the batch before it was submitted: none of it becomes a task.
    pub dropped: bool,
}

/// A batch, without its invoices.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Batch {
    pub batch_id: String,
    pub purpose: BatchPurpose,
    /// None: the bureau's current period when each task runs.
    pub tax_period: Option<TaxPeriod>,
    pub submitted_by: Option<String>,
    /// The batch of which this one selects again what failed.
    pub again_of: Option<String>,
    /// Invoices of one task at most.
    pub task_size: usize,
    pub state: BatchState,
    pub parts: Vec<BatchPart>,
    /// To the millisecond: the ids of its tasks begin with it.
    pub created_at: Moment,
    /// SHA-256 of what was asked, in hexadecimal: tells a repetition from another batch.
    pub asked: String,
    /// Rises with every change.
    pub version: u32,
}

/// One invoice of a batch.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BatchLine {
    /// Which part it belongs to, from 0.
    pub part: usize,
    /// Its place there, from 0.
    pub at: usize,
    pub key: InvoiceKey,
    pub invoice_type: InvoiceType,
    pub reason: Option<NonDeductionReason>,
    pub reason_text: Option<String>,
}

#[cfg(test)]
mod tests;
