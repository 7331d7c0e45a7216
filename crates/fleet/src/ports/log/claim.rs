//! Starting: what waits, what is picked, and all that an attempt at it needs.

use domain::{
    Moment,
    answer::Receipt,
    bureau::LaneKey,
    ids::{Fence, LaneId, Place, Slot, TaskId, TaxId},
    invoice::PoolInvoice,
    kind::Class,
    schedule::Hindrance,
    task::{Act, TaskMessage},
    taxpayer::{ChannelKind, Session, Taxpayer},
};
use std::sync::Arc;

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
    /// What the bureau said, as [`ActSaid::written`](domain::task::ActSaid::written): the act is
    /// over, and a later holder goes on with the next one.
    pub answer: Option<String>,
}

impl Submission {
    /// The outcome of this act is known.
    pub const fn is_answered(&self) -> bool {
        self.answer.is_some()
    }
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
    /// All that is known to have been sent, in the order of the fences. Not empty: ask before sending.
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
