//! The task log: append, claim, settle, and the evidence of what was sent.
//!
//! Every operation speaks in batches with an outcome per item. An implementation may split a
//! batch (deadlock, serialization failure, lock time-out) down to single items and repeat it;
//! callers never see that. Each operation is atomic per item: what it reports has been
//! committed, what it reports as an error may or may not have been, and repeating it is safe.

mod append;
mod claim;
mod rescue;
mod settle;
mod turn;

pub use append::{Appended, Fate, NewTask, RetryRefusal};
pub use claim::{Claimed, Head, LaneQueue, Pick, Submission, Work};
pub use rescue::{RescueLimits, Rescued};
pub use settle::{Settled, Settlement, Throttle, Verdict};
pub use turn::{Evidence, Proof, SwitchNote, SwitchRequest, Turn, TurnOutcome};

use super::StoreError;
use async_trait::async_trait;
use domain::ids::{Fence, LaneId, TaskId, TaxId, WorkerId};
use std::{fmt::Debug, time::Duration};

/// The task log.
#[async_trait]
pub trait TaskLog: Send + Sync + Debug {
    /// Logs tasks in this order; an outcome for each. Idempotent by task id and body hash, also
    /// within the batch.
    async fn append(&self, tasks: &[NewTask]) -> Result<Vec<Appended>, StoreError>;

    /// Writes evidence, settlements and switches, then claims, as [`domain::schedule::admit`] says. New keys
    /// hold for `lease`. Of several picks of one tax number the first by class, then place, is
    /// looked at first. A waiting time that has come by the store's clock hinders nothing any
    /// more, and its task counts among those that go first, ripened or not.
    async fn turn(
        &self,
        worker: WorkerId,
        lease: Duration,
        turn: &Turn,
    ) -> Result<TurnOutcome, StoreError>;

    /// Renews the keys under these fences; returns the tasks whose keys are lost. (Tasks claimed
    /// in one turn may share a fence: the loss of one is not the loss of the others.) A lease
    /// that is over is renewed as long as nobody has rescued its task.
    async fn renew(
        &self,
        worker: WorkerId,
        lease: Duration,
        fences: &[(TaskId, Fence)],
    ) -> Result<Vec<TaskId>, StoreError>;

    /// Takes over what was sent earlier and is due to be asked about, in the worker's lanes:
    /// Awaiting, Unclear, Delayed or Parked with something sent, and nobody asking. A new fence
    /// each. For 乐企 the lane is not taken. The longest due first; what cannot be taken up yet
    /// (its lane is busy, or needs a person) does not count towards `limit`. A pause hinders
    /// nothing here: what was sent is asked about.
    async fn take_up(
        &self,
        worker: WorkerId,
        lease: Duration,
        limit: usize,
    ) -> Result<Vec<Work>, StoreError>;

    /// Ends leases that are over: with nothing sent the task queues again at its place; with
    /// something sent, or perhaps sent, it becomes Awaiting or Unclear with nobody asking, and is
    /// due at once. Perhaps sent is a kind that can be read back, from its claim on, and any other
    /// from its intent on. An 电子税局 lane stays held then, for the old call may still use the
    /// account; a 乐企 lane is freed. What kills its workers again and again is dealt with as
    /// [`Limits::rescue`](domain::retry::Limits::rescue) says: it fails, and may be tried again,
    /// unless it may have acted at the bureau; then it is asked about later and later, until
    /// [`TaskLog::expire`] ends it. Only for a worker whose own connection has been whole for one
    /// lease. Returns what it touched.
    async fn rescue(
        &self,
        worker: WorkerId,
        limits: RescueLimits,
    ) -> Result<Vec<Rescued>, StoreError>;

    /// Makes runnable what waited for a clock time that has come, the longest due first: until
    /// then it is no head. Returns the lanes touched.
    async fn ripen(&self, limit: usize) -> Result<Vec<(LaneId, TaxId)>, StoreError>;

    /// Ends what has waited beyond its deadline, visibly: what has been asked about for longer
    /// than `asked` and nobody asks about now (its outcome is unknown), and what is Parked beyond
    /// its own `until` (unknown only if something was sent).
    async fn expire(&self, asked: Duration, limit: usize) -> Result<Vec<TaskId>, StoreError>;

    /// All heads of these lanes.
    async fn heads(&self, lanes: &[LaneId]) -> Result<Vec<Head>, StoreError>;

    /// What waits for these tax numbers in these lanes.
    async fn queues(&self, of: &[(LaneId, TaxId)]) -> Result<Vec<LaneQueue>, StoreError>;
}
