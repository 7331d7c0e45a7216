//! Looking at the task log: what people and other systems see.

use super::{StoreError, people::Within};
use async_trait::async_trait;
use domain::{
    Moment,
    bureau::{Account, BureauCode},
    ids::{LaneId, TaskId},
    kind::Kind,
    ledger::LedgerLine,
    period::TaxPeriod,
    schedule::Hindrance,
    task::{ShownState, StateName},
    tax_no::TaxNo,
};
use serde::{Deserialize, Serialize};
use std::{fmt::Debug, time::Duration};

/// One row of the task log, as people see it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TaskRow {
    pub task_id: TaskId,
    pub batch_id: Option<String>,
    pub kind: Kind,
    pub tax_no: TaxNo,
    pub bureau: Option<BureauCode>,
    pub account: Option<Account>,
    pub tax_period: Option<TaxPeriod>,
    pub state: StateName,
    pub shown_state: ShownState,
    pub reason: String,
    pub retry_of: Option<TaskId>,
    pub attempts: u32,
    pub invoices_total: u32,
    pub invoices_succeeded: u32,
    pub enqueued_at: Moment,
    pub started_at: Option<Moment>,
    pub finished_at: Option<Moment>,
    pub submitted_by: Option<String>,
    /// A person must check what came of it.
    pub unknown: bool,
}

/// Which tasks; every field that is set must match.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TaskFilter {
    pub states: Vec<StateName>,
    pub shown: Vec<ShownState>,
    pub kinds: Vec<Kind>,
    pub tax_no: Option<TaxNo>,
    pub bureau: Option<BureauCode>,
    pub account: Option<Account>,
    pub batch_id: Option<String>,
    pub enqueued_from: Option<Moment>,
    pub enqueued_to: Option<Moment>,
    /// Whoever asks sees no others; never from outside.
    #[serde(skip)]
    pub within: Option<Within>,
}

/// Where a page begins: after this task, newest first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct After {
    pub enqueued_at: Moment,
    pub task_id: TaskId,
}

/// A task with all that is known of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TaskCard {
    pub row: TaskRow,
    /// The message's body as it came.
    pub body: String,
    pub ledger: Vec<LedgerLine>,
    pub retry: Option<TaskId>,
    pub submissions: Vec<SubmissionRow>,
    /// Why it is not running now; None when it runs or has ended.
    pub why: Option<Hindrance>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SubmissionRow {
    pub act: domain::task::Act,
    pub fence: i64,
    pub sent_at: Moment,
    pub receipt: Option<String>,
    pub answer: Option<String>,
}

/// How many tasks stand in each state.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    pub by_state: Vec<(StateName, u64)>,
}

/// Figures of the store's health, for metrics and `doctor`.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct StoreHealth {
    pub waiting_by_class: Vec<(domain::kind::Class, u64)>,
    pub oldest_waiting_seconds: Vec<(domain::kind::Class, f64)>,
    pub running: u64,
    pub parked: u64,
    pub outbox: u64,
    /// Lanes whose queue is not consumed because too much waits.
    pub full_lanes: u64,
    /// Store's clock minus ours.
    pub clock_skew_seconds: f64,
    pub schema_version: i64,
}

/// What a lane is busy with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Occupied {
    pub lane: LaneId,
    /// The tax number that the account was last switched to.
    pub current: Option<TaxNo>,
    /// The tasks that hold its slots, by slot.
    pub running: Vec<TaskId>,
}

#[async_trait]
pub trait Archive: Send + Sync + Debug {
    /// A page of rows, newest first.
    async fn list(
        &self,
        filter: &TaskFilter,
        after: Option<After>,
        limit: usize,
    ) -> Result<Vec<TaskRow>, StoreError>;

    async fn count(&self, filter: &TaskFilter) -> Result<Counts, StoreError>;

    async fn card(&self, task: TaskId) -> Result<Option<TaskCard>, StoreError>;

    /// Why this task is not running now, by the decision that the claim makes for the lane's owner
    /// and a free slot if there is one. What was sent and is Delayed or Parked waits for its next
    /// question, or its login. None: it is at work, has ended, or was never logged.
    async fn why(&self, task: TaskId) -> Result<Option<Hindrance>, StoreError>;

    /// What lanes are busy with, by lane; those with nothing to tell are left out.
    async fn occupied(&self) -> Result<Vec<Occupied>, StoreError>;

    async fn health(&self, our_clock: Moment) -> Result<StoreHealth, StoreError>;

    /// Drops what ended longer ago than `keep`: rows, bodies, ledger lines, marks, and the store's
    /// own parts of the log that have become empty. Returns how many tasks went.
    async fn forget(&self, keep: Duration, limit: usize) -> Result<u64, StoreError>;
}
