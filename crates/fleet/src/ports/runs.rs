//! Confirmation runs (批量统计确认): kept before any task is made of them.

use super::{StoreError, batches::Kept};
use async_trait::async_trait;
use domain::{
    Moment,
    ids::TaskId,
    run::{PartState, Run, RunPart},
    task::StateName,
    tax_no::TaxNo,
};
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

/// Where a page begins: after this run, newest first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AfterRun {
    pub created_at: Moment,
    pub run_id: String,
}

/// What became of changing parts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PartsChanged {
    /// Whether each was written: only over the version that was read.
    Written(Vec<bool>),
    /// An approval among them is by whoever asked for the run: nothing was written.
    SamePerson,
    NoSuchRun,
}

/// A part whose task has ended, or is not in the log yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MovingPart {
    pub run: Run,
    pub part: RunPart,
    pub task: TaskId,
    /// None: the log does not know the task.
    pub ended: Option<(StateName, String)>,
}

#[async_trait]
pub trait RunBook: Send + Sync + Debug {
    /// Keeps a run with its parts, all or nothing. Idempotent by id and [`Run::asked`].
    async fn keep_run(&self, run: &Run, parts: &[RunPart]) -> Result<Kept, StoreError>;

    /// None: there is none with this id.
    async fn run(&self, run_id: &str) -> Result<Option<Run>, StoreError>;

    /// A page, newest first. `within`: only those of which every tax number belongs to one of these
    /// 税务组织; a tax number that nobody knows belongs to none.
    async fn runs(
        &self,
        within: Option<&[String]>,
        after: Option<&AfterRun>,
        limit: usize,
    ) -> Result<Vec<Run>, StoreError>;

    /// A page of parts in these states (none: in any), by tax number.
    async fn run_parts(
        &self,
        run_id: &str,
        states: &[PartState],
        after: Option<&TaxNo>,
        limit: usize,
    ) -> Result<Vec<RunPart>, StoreError>;

    /// These parts of a run, in the order asked; None: the run has nothing of that tax number.
    async fn parts_of(
        &self,
        run_id: &str,
        tax_nos: &[TaxNo],
    ) -> Result<Vec<Option<RunPart>>, StoreError>;

    /// How many parts stand in each state, those without any left out.
    async fn run_counts(&self, run_id: &str) -> Result<Vec<(PartState, u64)>, StoreError>;

    /// Writes changed parts, each if nobody has changed it since it was read with its version; it
    /// then has the next one. No part is ever approved by whoever asked for the run
    /// ([`Run::may_be_approved_by`]): the store itself looks who that was, in this transaction.
    async fn change_parts(
        &self,
        run_id: &str,
        parts: &[RunPart],
    ) -> Result<PartsChanged, StoreError>;

    /// Parts that can be gone on with, those that were changed longest ago first; of one run, or of
    /// all.
    async fn moving_parts(
        &self,
        run_id: Option<&str>,
        limit: usize,
    ) -> Result<Vec<MovingPart>, StoreError>;
}
