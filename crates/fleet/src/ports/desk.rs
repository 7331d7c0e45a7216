//! What operators do. Each action is audited with who and why.

use super::{StoreError, archive::TaskFilter};
use async_trait::async_trait;
use domain::{
    Moment,
    bureau::{Account, BureauCode},
    ids::{LaneId, TaskId, TaxId},
    task::StateName,
    tax_no::TaxNo,
};
use serde::{Deserialize, Serialize};
use std::{fmt::Debug, sync::Arc};

/// Who does it, and why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Note {
    pub by: String,
    pub reason: String,
}

/// What a pause is for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Every lane of the bureau.
    Bureau(BureauCode),
    Lane {
        bureau: BureauCode,
        account: Account,
    },
    TaxNumber(TaxNo),
}

impl Scope {
    /// How the audit names it.
    pub fn subject(&self) -> String {
        match self {
            Scope::Bureau(bureau) => format!("bureau {bureau}"),
            Scope::Lane { bureau, account } => format!("lane {bureau}.{account}"),
            Scope::TaxNumber(tax_no) => format!("tax number {tax_no}"),
        }
    }
}

/// One line of the audit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditLine {
    pub at: Moment,
    /// `cancel`, `record_absent`, `pause`, `resume`, `login`, `logout`, `set_taxpayer`,
    /// `set_account`, `serve` or `unserve`.
    pub action: String,
    /// A task's id, a scope's [`Scope::subject`], or whom [`domain::roster`] names.
    pub subject: String,
    pub note: Note,
}

/// What became of cancelling one task.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cancelled {
    Done,
    NoSuchTask,
    /// Something may have been sent, or it has ended: cancelling is ours, before the bureau acts.
    TooLate {
        state: StateName,
    },
}

/// What became of recording that nothing came of one task.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Recorded {
    Done,
    NoSuchTask,
    /// Its outcome is not unknown: there is nothing to record.
    NotUnknown {
        state: StateName,
    },
}

/// What became of asking for one task's result now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AskedNow {
    /// Whoever serves its lane asks at once.
    Due,
    /// A worker has it in hand, and asks by itself.
    InHand,
    /// Nothing of it was sent, or it has ended: there is nothing to ask for.
    NothingSent {
        state: StateName,
    },
    /// Somebody must log its account in before it can be asked about.
    NeedsLogin,
    NoSuchTask,
}

/// A failed task that may be tried again, with the body to publish anew.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Retriable {
    pub task: TaskId,
    pub reason: String,
    pub body: Arc<str>,
}

#[async_trait]
pub trait DeskLog: Send + Sync + Debug {
    /// Cancels what has sent nothing; its invoices are free again.
    async fn cancel(&self, tasks: &[TaskId], note: &Note) -> Result<Vec<Cancelled>, StoreError>;

    /// 获取异步请求结果: what was sent of these tasks is asked about now and not when its turn comes.
    /// Changes nothing else, and is not audited.
    async fn ask_now(&self, tasks: &[TaskId]) -> Result<Vec<AskedNow>, StoreError>;

    /// A person has looked: the bureau has nothing of these tasks, whose outcome was unknown. From
    /// now on they have failed like any other, and may be tried again.
    async fn record_absent(
        &self,
        tasks: &[TaskId],
        note: &Note,
    ) -> Result<Vec<Recorded>, StoreError>;

    /// Closes lanes, or a tax number. Returns the lanes touched; empty: nothing matched.
    async fn pause(&self, scope: &Scope, note: &Note) -> Result<Vec<LaneId>, StoreError>;

    /// Opens them again. Pauses stand per scope: resuming a lane does not resume its bureau.
    async fn resume(&self, scope: &Scope, note: &Note) -> Result<Vec<LaneId>, StoreError>;

    /// Failed tasks with a known outcome and no retry yet.
    async fn retriable(
        &self,
        filter: &TaskFilter,
        limit: usize,
    ) -> Result<Vec<Retriable>, StoreError>;

    /// The newest lines of the audit, newest first.
    async fn audited(&self, limit: usize) -> Result<Vec<AuditLine>, StoreError>;

    /// The lanes that serve a tax number.
    async fn lanes_for(&self, tax: TaxId) -> Result<Vec<LaneId>, StoreError>;
}
