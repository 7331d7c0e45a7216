//! Searching the ledger (用票操作台账): what became of each invoice of each task.

use super::{StoreError, people::Within};
use async_trait::async_trait;
use domain::{
    Moment,
    ids::TaskId,
    kind::Kind,
    ledger::{LedgerLine, LineOutcome},
    tax_no::TaxNo,
};
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

/// Which lines; every field that is set must match, an empty list is not set.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LedgerFilter {
    pub tax_no: Option<TaxNo>,
    pub task: Option<TaskId>,
    pub batch_id: Option<String>,
    pub kinds: Vec<Kind>,
    pub outcomes: Vec<LineOutcome>,
    /// The invoice's number, or the payment book's.
    pub number: Option<String>,
    /// When the task was logged; the end does not count.
    pub enqueued_from: Option<Moment>,
    pub enqueued_to: Option<Moment>,
    /// Whoever asks sees no others.
    pub within: Option<Within>,
}

/// One line of the ledger, with its task.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LedgerEntry {
    pub task_id: TaskId,
    pub kind: Kind,
    pub tax_no: TaxNo,
    pub batch_id: Option<String>,
    pub enqueued_at: Moment,
    /// When the line was written.
    pub at: Moment,
    #[serde(flatten)]
    pub line: LedgerLine,
}

/// Where a page begins: after this line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AfterLine {
    pub enqueued_at: Moment,
    pub task_id: TaskId,
    pub number: String,
    pub code: String,
}

impl AfterLine {
    /// The page after this line.
    pub fn of(entry: &LedgerEntry) -> AfterLine {
        let (enqueued_at, task_id) = (entry.enqueued_at, entry.task_id);
        let key = entry.line.invoice.clone();
        AfterLine { enqueued_at, task_id, number: key.number, code: key.code }
    }
}

#[async_trait]
pub trait Ledger: Send + Sync + Debug {
    /// A page: the newest task first, inside a task by number and code, the greatest first. The
    /// order does not change while lines come.
    async fn ledger(
        &self,
        filter: &LedgerFilter,
        after: Option<&AfterLine>,
        limit: usize,
    ) -> Result<Vec<LedgerEntry>, StoreError>;
}
