//! The rows of the tables.

use crate::ports::log::{Evidence, Submission};
use domain::{
    Moment,
    bureau::LaneKey,
    ids::{Fence, LaneId, Place, Slot, TaxId, WorkerId},
    kind::Class,
    ledger::LedgerLine,
    schedule::{PauseNote, SwitchHistory},
    statistic::{KnownFigures, StatisticState},
    task::{Act, Event, State, StateName, TaskMessage},
    taxpayer::{ChannelKind, Session, Taxpayer},
    world::Served,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// One task of the log.
#[derive(Clone, Debug)]
pub struct Row {
    pub message: Arc<TaskMessage>,
    pub body: Arc<str>,
    pub body_hash: [u8; 32],
    pub traceparent: Option<String>,
    pub lane_key: Option<LaneKey>,
    pub channel: Option<ChannelKind>,
    pub lane: Option<LaneId>,
    pub tax: Option<TaxId>,
    pub place: Place,
    pub state: State,
    pub reason: String,
    pub attempts: u32,
    pub rescues: u32,
    /// In the order of their fences.
    pub submissions: Vec<Submission>,
    /// Under which fence a reading last proved a step absent.
    pub absent: BTreeMap<Act, Fence>,
    pub may_have_sent: bool,
    pub quiet_until: Option<Moment>,
    pub asked_since: Option<Moment>,
    pub parked_until: Option<Moment>,
    pub accepted: bool,
    pub unknown: bool,
    pub ledger: Vec<LedgerLine>,
    pub enqueued_at: Moment,
    pub started_at: Option<Moment>,
    pub finished_at: Option<Moment>,
    /// The fence of the settlement that ended it, or its attempt.
    pub settled_fence: Option<Fence>,
    pub sequence: i32,
    /// Every event that it has taken, in which state.
    pub events: Vec<(StateName, &'static str)>,
}

impl Row {
    /// What was sent and counts. What is still heard of holders before the one who proved a step
    /// absent does not, unless it was answered: those after it have sent again.
    pub(super) fn sent(&self) -> impl DoubleEndedIterator<Item = &Submission> {
        let is_void = |one: &Submission| {
            !one.is_answered()
                && self.absent.get(&one.act).is_some_and(|proved| one.fence < *proved)
        };
        self.submissions.iter().filter(move |one| !is_void(one))
    }

    /// A holder proved that this step did not take effect.
    pub(super) fn forget_unanswered(&mut self, proved: &Evidence) {
        self.submissions.retain(|one| one.act != proved.act || one.is_answered());
        self.absent.insert(proved.act, proved.fence);
    }

    /// Takes the event; an illegal one is a mistake of ours and stays visible.
    pub(super) fn take(&mut self, event: Event) -> Result<(), domain::task::Illegal> {
        let taken = (self.state.name(), event.name());
        self.state = self.state.clone().on(event)?;
        self.events.push(taken);
        Ok(())
    }

    pub fn class(&self) -> Class {
        self.message.kind.class()
    }
}

/// A statistic table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub state: StatisticState,
    pub order: Fence,
    pub known: Option<KnownFigures>,
    pub changed_at: Moment,
}

/// Both keys of a task that runs or is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub tax: TaxId,
    /// None: it holds the tax number only.
    pub slot: Option<(LaneId, Slot)>,
    pub fence: Fence,
    /// None: nobody asks.
    pub worker: Option<WorkerId>,
    pub lease_until: Moment,
    /// When it is to be asked about next, while nobody asks. None: not before its account is on
    /// line.
    pub ask_at: Option<Moment>,
    pub since: Moment,
}

impl Key {
    /// Whoever let go, or was rescued from, holds no longer, though the keys may stay taken.
    pub(super) fn held_under(&self, fence: Fence) -> bool {
        self.fence == fence && self.worker.is_some()
    }
}

#[derive(Clone, Debug)]
pub struct LaneRow {
    pub key: LaneKey,
    pub channel: ChannelKind,
    pub width: u16,
    pub owner: Option<WorkerId>,
    pub paused: Option<PauseNote>,
    pub session: Option<Session>,
    /// Set by a logged-out report that only a person can mend, cleared by coming on line.
    pub needs_person: bool,
    pub session_seen_at: Option<Moment>,
    pub throttled_until: Option<Moment>,
    pub current_tax: Option<TaxId>,
    pub switches: SwitchHistory,
    pub switch_free_at: Option<Moment>,
    pub full_since: Option<Moment>,
    pub version: i64,
}

#[derive(Clone, Debug)]
pub struct TaxRow {
    pub payer: Taxpayer,
    pub paused: Option<PauseNote>,
    pub throttled_until: Option<Moment>,
    pub lanes: BTreeSet<LaneId>,
    /// Who serves it, in the order in which they became known. Who stopped may nothing any more.
    pub serves: Vec<(LaneId, Served)>,
}

#[derive(Clone, Debug)]
pub struct WorkerRow {
    pub name: String,
    pub version: String,
    pub lease_until: Moment,
    pub leaving: bool,
}
