//! How attempts end.

use super::NewTask;
use domain::{
    Moment,
    ids::{Epoch, Fence, LaneId, TaskId, TaxId},
    invoice::PoolChange,
    ledger::LedgerLine,
    period::TaxPeriod,
    statistic::TableNote,
    task::StateName,
};
use std::time::Duration;

/// How an attempt ends, for now or for good.
#[derive(Clone, PartialEq, Debug)]
pub enum Verdict {
    /// For good. `reason` is the sentence for people, empty for a plain success.
    Final {
        state: StateName,
        reason: String,
        lines: Vec<LedgerLine>,
        pool: Vec<PoolChange>,
        /// What the outcome says of the statistic table, kept with its fence; cached states of
        /// earlier holders then count as none.
        statistic: Option<TableNote>,
        /// Nobody can tell what came of it: a person must check, and no retry is accepted.
        unknown: bool,
    },
    /// Tried again after this long. Keeps the tax number only when something was sent: then it is
    /// asked about by then, else it waits for [`TaskLog::ripen`](super::TaskLog::ripen).
    PutOff {
        after: Duration,
        reason: String,
        sent: bool,
        counts_as_attempt: bool,
        gate: Option<Throttle>,
    },
    /// The session was lost: the account goes off line, unless it has a newer epoch already. Where
    /// no person is needed (a newer epoch, or an account that we log in ourselves) the task just
    /// queues again, or is due to be asked about, without an event. It is no report of its own
    /// time: a login that happened before it and is told after it brings the task back.
    Park {
        epoch: Epoch,
        needs_person: bool,
        sent: bool,
        /// When nobody has logged in by then it fails, visibly.
        until: Moment,
        reason: String,
    },
    /// Back to its place with nothing sent.
    HandBack { reason: String },
    /// The bureau works, or nobody knows: asked about after this long, by whoever then serves the
    /// lane. The tax number stays held; the lane too when `keep_lane`.
    LetGo {
        ask_after: Duration,
        unclear: bool,
        quiet_until: Option<Moment>,
        keep_lane: bool,
        reason: String,
    },
}

/// A gate that a verdict closes along with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Throttle {
    Lane,
    TaxNumber,
}

/// The end of an attempt, under the fence that it ran with.
#[derive(Clone, PartialEq, Debug)]
pub struct Settlement {
    pub task: TaskId,
    pub lane: LaneId,
    pub tax: TaxId,
    pub fence: Fence,
    /// The bureau named this period as the tax number's current one, and the store did not know.
    pub period: Option<TaxPeriod>,
    pub verdict: Verdict,
    /// A task that follows from this end: logged with it, or not at all. It waits in a lane, as
    /// [`Fate::Queue`](super::Fate::Queue), and holds no invoices.
    pub child: Option<Box<NewTask>>,
}

/// What became of one settlement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Settled {
    /// Written. Its events stand in the outbox with these numbers, in order.
    Written { state: StateName, events: Vec<i64> },
    /// This fence had settled it already (a repeated call after a lost answer).
    Before { state: StateName },
    /// The keys have passed on: to another holder, or to nobody, by a rescue. Nothing of the state
    /// was written.
    Stale,
}
