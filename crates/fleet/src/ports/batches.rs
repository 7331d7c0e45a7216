//! Batches (勾选批次): kept before any task is made of them, and counted from the log.

use super::StoreError;
use async_trait::async_trait;
use domain::{
    Moment,
    batch::{Batch, BatchLine, BatchState},
    bureau::LaneKey,
    ids::{LaneId, TaskId},
    invoice::InvoiceKey,
    ledger::LedgerLine,
    task::StateName,
    tax_no::TaxNo,
};
use serde::{Deserialize, Serialize};
use std::{fmt::Debug, time::Duration};

/// A batch to be kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewBatch {
    pub batch: Batch,
    pub lines: Vec<BatchLine>,
}

/// What became of keeping a batch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kept {
    New,
    /// It is here already, and asks for the same; nothing was done.
    Before,
    /// The id was used for another batch. Nothing was done.
    Other {
        created_at: Moment,
    },
}

/// Which batches; every field that is set must match.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BatchFilter {
    pub states: Vec<BatchState>,
    pub submitted_by: Option<String>,
}

/// Where a page begins: after this batch, newest first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AfterBatch {
    pub created_at: Moment,
    pub batch_id: String,
}

/// Tasks of a batch that stand alike.
#[derive(Clone, PartialEq, Debug)]
pub struct Tally {
    pub tax_no: TaxNo,
    /// None: none could be found for them.
    pub lane: Option<LaneKey>,
    pub state: StateName,
    pub tasks: u64,
    pub invoices: u64,
    pub succeeded: u64,
    /// From start to end, of those that have both; summed up.
    pub ran: Duration,
    pub ran_tasks: u64,
}

/// What waits in one lane.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Backlog {
    /// Tax numbers with waiting tasks, other than the one that the account is on.
    pub numbers: u32,
    pub tasks: u32,
}

/// Where the task of one invoice stands, and what it has written of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LineEnd {
    pub state: StateName,
    /// The task's own sentence.
    pub reason: String,
    /// None: nothing yet.
    pub line: Option<LedgerLine>,
}

#[async_trait]
pub trait BatchBook: Send + Sync + Debug {
    /// Keeps a batch with its lines, all or nothing. Idempotent by id and [`Batch::asked`].
    async fn keep_batch(&self, batch: &NewBatch) -> Result<Kept, StoreError>;

    /// None: there is none with this id.
    async fn batch(&self, batch_id: &str) -> Result<Option<Batch>, StoreError>;

    /// A page, newest first.
    async fn batches(
        &self,
        filter: &BatchFilter,
        after: Option<&AfterBatch>,
        limit: usize,
    ) -> Result<Vec<Batch>, StoreError>;

    /// Its invoices as they were asked for, from the `from`th (from 0) on.
    async fn batch_lines(
        &self,
        batch_id: &str,
        from: usize,
        limit: usize,
    ) -> Result<Vec<BatchLine>, StoreError>;

    /// Writes a changed batch, if nobody has changed it since it was read with this version; it
    /// then has the next one. From the moment it is submitting, the event for its end waits for as
    /// many tasks as it becomes.
    async fn change_batch(&self, batch: &Batch) -> Result<bool, StoreError>;

    /// Batches that somebody left in the middle of submitting, at least so long ago, oldest first.
    async fn left_batches(&self, age: Duration, limit: usize) -> Result<Vec<String>, StoreError>;

    /// Where the tasks that are logged under this batch stand, ours or an upstream system's.
    async fn tally(&self, batch_id: &str) -> Result<Vec<Tally>, StoreError>;

    /// What waits in these lanes, in the order asked.
    async fn backlogs(&self, lanes: &[LaneId]) -> Result<Vec<Backlog>, StoreError>;

    /// In the order asked; None: the log does not know the task.
    async fn line_ends(
        &self,
        of: &[(TaskId, InvoiceKey)],
    ) -> Result<Vec<Option<LineEnd>>, StoreError>;
}
