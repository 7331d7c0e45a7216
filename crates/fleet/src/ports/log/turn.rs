//! One round trip of a worker, and what a holder writes with it beside settlements.

use super::{Claimed, LaneQueue, Pick, Settled, Settlement};
use domain::{
    Moment,
    answer::Receipt,
    ids::{Fence, LaneId, TaskId, TaxId},
    schedule::SwitchLimits,
    task::Act,
};

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
    /// The outcome of one act of several is known, in the bureau's own words, and the next one is
    /// due: the tax number stays held from here on. Of a Running task that is Unclear, since the
    /// next act counts as perhaps sent.
    Answer(String),
    /// The answer was lost: Unclear, and "absent" proves nothing before `quiet_until`; of several,
    /// before the latest.
    Lost { quiet_until: Moment },
    /// Reading back proved that nothing took effect: Running, and it may be sent again. What was
    /// sent of this step counts no more, nor does the time since, nor what is still heard of
    /// earlier holders. Only a current holder's word.
    Absent,
    /// Reading back proved the same of a later act: what was sent of it counts no more, but
    /// earlier ones have taken effect, and the tax number stays held. Only a current holder's word.
    NotBegun,
}

impl Proof {
    /// What only a current holder can say; a stale one's is not even kept.
    pub const fn is_a_holders_word(&self) -> bool {
        matches!(self, Proof::Sending | Proof::Absent | Proof::NotBegun)
    }
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
