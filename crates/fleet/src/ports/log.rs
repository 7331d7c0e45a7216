//! The task log: append, claim, settle, and the evidence of what was sent.
//!
//! Every operation speaks in batches with an outcome per item. An implementation may split a
//! batch (deadlock, serialization failure, lock time-out) down to single items and repeat it;
//! callers never see that. Each operation is atomic per item: what it reports has been
//! committed, what it reports as an error may or may not have been, and repeating it is safe.

use super::StoreError;
use async_trait::async_trait;
use domain::{
    Moment,
    answer::Receipt,
    bureau::LaneKey,
    ids::{Epoch, Fence, LaneId, Place, Slot, TaskId, TaxId, WorkerId},
    invoice::{PoolChange, PoolInvoice},
    kind::{Class, Kind},
    ledger::LedgerLine,
    period::TaxPeriod,
    retry::{Limits, Orphan, Rescue},
    schedule::{Hindrance, SwitchLimits},
    statistic::StatisticState,
    task::{Act, StateName, TaskMessage},
    taxpayer::{ChannelKind, Session, Taxpayer},
};
use std::{fmt::Debug, sync::Arc, time::Duration};

/// What intake decided about a task that it could read.
#[derive(Clone, PartialEq, Debug)]
pub enum Fate {
    /// Waits in its lane; `run_at` in the future makes it wait for that moment first.
    Queue { lane: LaneId, tax: TaxId, run_at: Option<Moment> },
    /// No account serves the tax number yet: Held, and queued by the import that brings one.
    Hold { tax: TaxId },
    /// Needs no lane (a mark in our own pool): done at once, with these changes.
    Settle { tax: TaxId, lines: Vec<LedgerLine>, pool: Vec<PoolChange> },
    /// Readable but refused, with the sentence: becomes a row, 处理失败.
    Refuse { tax: Option<TaxId>, reason: String, lines: Vec<LedgerLine> },
}

/// A task to be logged.
#[derive(Clone, PartialEq, Debug)]
pub struct NewTask {
    pub message: Arc<TaskMessage>,
    /// The body as it came, kept for retry and for people.
    pub body: Arc<str>,
    /// SHA-256 of the body: tells a repetition from another task under the same id.
    pub body_hash: [u8; 32],
    pub traceparent: Option<String>,
    /// The lane that the task is for, also when it was refused; empty when none could be found.
    pub lane: Option<LaneKey>,
    pub channel: Option<ChannelKind>,
    pub fate: Fate,
}

/// What became of one appended task.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Appended {
    /// Logged and waiting; `due`: its time has come. Its invoices are held.
    Queued { lane: LaneId, tax: TaxId, place: Place, since: Moment, due: bool },
    /// Logged; waits for an account.
    Held,
    /// Logged in a final state: refused (also because an invoice is held by another unfinished
    /// task: list rule 4's or 5's sentence), or settled at once. Its events stand in the outbox with
    /// these numbers, in order.
    Final { state: StateName, reason: String, events: Vec<i64> },
    /// Known already, with the same body: nothing was done. When it waits, its lane rings again.
    Duplicate { waiting: Option<(LaneId, TaxId)> },
    /// The id was used for another body. Nothing was done.
    OtherBody { first_logged_at: Moment },
    /// A retry that may not be: the original is unknown, did not fail, has an unknown outcome,
    /// or was tried again already. Nothing was done.
    RetryRefused { reason: RetryRefusal },
}

/// Why a retry is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RetryRefusal {
    NoSuchTask,
    NotFailed {
        state: StateName,
    },
    /// Nobody knows what came of it; a person must record that the bureau has nothing of it.
    OutcomeUnknown,
    /// One retry per failed task, for ever; try that one again instead.
    TriedAgain {
        retry: TaskId,
    },
}

/// A head of a lane: a tax number's waiting task of the highest class, then the earliest place,
/// among those whose time has come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    pub task: TaskId,
    pub lane: LaneId,
    pub tax: TaxId,
    pub class: Class,
    pub place: Place,
    /// When it was logged.
    pub since: Moment,
}

/// What waits for one tax number in one lane.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LaneQueue {
    pub lane: LaneId,
    pub tax: TaxId,
    /// None: nothing whose time has come.
    pub head: Option<Head>,
}

/// A waiting task that a worker wants to start, with the slot it shall take.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pick {
    pub task: TaskId,
    pub lane: LaneId,
    pub tax: TaxId,
    pub slot: Slot,
}

/// Durable record of one acting step, as far as it is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Submission {
    pub act: Act,
    pub fence: Fence,
    pub sent_at: Moment,
    pub receipt: Option<Receipt>,
    /// The outcome of this step is known: a later holder goes on with the next one.
    pub answered: bool,
}

/// Everything an attempt needs, read when the keys were taken.
#[derive(Clone, PartialEq, Debug)]
pub struct Work {
    pub fence: Fence,
    pub lane: LaneId,
    pub lane_key: LaneKey,
    pub slot: Slot,
    pub tax: TaxId,
    pub place: Place,
    pub message: Arc<TaskMessage>,
    pub channel: ChannelKind,
    pub taxpayer: Arc<Taxpayer>,
    /// The account's session; None for 乐企.
    pub session: Option<Session>,
    /// The tax number that the account was last switched to.
    pub current_tax: Option<TaxId>,
    /// In the order of the message's invoices; None: not in the pool.
    pub pool: Vec<Option<PoolInvoice>>,
    /// A statistic reading asked for before this moment does not count as this submission's.
    pub submitted_at: Moment,
    /// Submissions that may be retried, so far.
    pub attempts: u32,
    /// How often it was taken from a worker that died.
    pub rescues: u32,
    /// All that is known to have been sent, oldest first. Not empty: ask before sending.
    pub submissions: Vec<Submission>,
    /// Something may have been sent although no submission says so (the claim was the intent).
    pub may_have_sent: bool,
    /// Until then "absent" proves nothing on a channel without fences.
    pub quiet_until: Option<Moment>,
    /// When it was first accepted or lost: its deadline counts from here.
    pub asked_since: Option<Moment>,
    pub traceparent: Option<String>,
}

/// What became of one pick.
#[derive(Clone, PartialEq, Debug)]
pub enum Claimed {
    /// Both keys are held under the work's fence, until the lease is over.
    Started(Box<Work>),
    Hindered(Hindrance),
}

/// How an attempt ends, for now or for good.
#[derive(Clone, PartialEq, Debug)]
pub enum Verdict {
    /// For good. `reason` is the sentence for people, empty for a plain success.
    Final {
        state: StateName,
        reason: String,
        lines: Vec<LedgerLine>,
        pool: Vec<PoolChange>,
        /// The statistic state that the outcome implies; the cached one then counts as none.
        statistic: Option<StatisticState>,
        /// Nobody can tell what came of it: a person must check, and no retry is accepted.
        unknown: bool,
    },
    /// Tried again after this long. Keeps the tax number only when something was sent: then it is
    /// asked about by then, else it waits for [`TaskLog::ripen`].
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

/// What a holder learned; kept whoever holds the keys now. A holder is current until it settles
/// (also by letting go), or its keys are rescued.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Evidence {
    pub task: TaskId,
    pub act: Act,
    pub fence: Fence,
    pub what: Proof,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Proof {
    /// About to be sent (kinds that cannot be read back). Refused to a stale holder.
    Sending,
    /// The bureau took it. The task is Awaiting while its holder is current.
    Receipt(Receipt),
    /// The step's outcome is known, in the bureau's own words.
    Answer(String),
    /// The answer was lost: Unclear, and "absent" proves nothing before `quiet_until`; of several,
    /// before the latest.
    Lost { quiet_until: Moment },
    /// Reading back proved that nothing took effect: Running, and it may be sent again. What was
    /// sent of this step counts no more, nor does the time since. Only a current holder's word.
    Absent,
}

/// A holder is about to switch its account to its tax number: written down before it is made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SwitchRequest {
    pub task: TaskId,
    pub lane: LaneId,
    pub tax: TaxId,
    pub fence: Fence,
    /// None: switching costs nothing.
    pub budget: Option<SwitchLimits>,
}

/// May the account be switched?
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SwitchNote {
    /// Written down, counted against the budget, and the lane's current tax number; now it may be
    /// made.
    Noted,
    /// Not before then.
    Limited { until: Moment },
    /// The keys have passed on.
    Stale,
}

/// One round trip of a worker's writer: evidence and settlements first, then switches, then
/// claims, so that a lane's next task starts with the outcome of the one before.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Turn {
    pub evidence: Vec<Evidence>,
    pub settlements: Vec<Settlement>,
    /// Only for current holders of the lane's key.
    pub switches: Vec<SwitchRequest>,
    pub picks: Vec<Pick>,
}

impl Turn {
    /// How many things it writes or asks for.
    pub fn items(&self) -> usize {
        self.evidence.len() + self.settlements.len() + self.switches.len() + self.picks.len()
    }

    pub fn is_empty(&self) -> bool {
        self.items() == 0
    }
}

#[derive(Clone, PartialEq, Debug, Default)]
pub struct TurnOutcome {
    /// Per evidence: whether its holder is current.
    pub evidence: Vec<bool>,
    pub settled: Vec<Settled>,
    pub switches: Vec<SwitchNote>,
    pub claimed: Vec<Claimed>,
    /// For every (lane, tax number) that the turn touched: what waits there now.
    pub queues: Vec<LaneQueue>,
}

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
    /// [`Limits::rescue`] says: it fails, and may be tried again, unless it may have acted at the
    /// bureau; then it is asked about later and later, until [`TaskLog::expire`] ends it. Only
    /// for a worker whose own connection has been whole for one lease. Returns what it touched.
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

/// A task taken from a worker that stopped renewing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rescued {
    pub task: TaskId,
    pub lane: Option<LaneId>,
    pub tax: TaxId,
    pub state: StateName,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RescueLimits {
    /// How often a task is taken over, and how it goes on then.
    pub retry: Limits,
    /// How long a lost call may last: on 乐企 "absent" proves nothing before, an account of
    /// 电子税局 may be used by it.
    pub quiet: Duration,
}

impl RescueLimits {
    /// Until when the call counts as possible that is lost now.
    pub fn quiet_until(&self, now: Moment) -> Moment {
        now + self.quiet
    }

    /// What becomes of a task whose worker died; `quiet_until` is that of its last lost call.
    pub fn decide(
        &self,
        deaths: u32,
        kind: Kind,
        sent: bool,
        quiet_until: Option<Moment>,
        now: Moment,
    ) -> Rescue {
        let left = quiet_until.and_then(|until| (until - now).to_std().ok());
        let call_may_last = left.unwrap_or_default();
        self.retry.rescue(Orphan { deaths, acts: kind.acts_at_bureau(), sent, call_may_last })
    }
}
