//! One task with wherever it stands, as an operation reads and changes it.

use super::{
    columns::{self, micros, moment},
    fault::Fault,
};
use crate::{codec, event_data::Subject};
use domain::{
    Moment,
    answer::Receipt,
    bureau::LaneKey,
    ids::{Epoch, Fence, LaneId, Place, Slot, TaskId, TaxId, WorkerId},
    kind::Kind,
    task::{Event, Illegal, ShownState, State, StateName},
    taxpayer::ChannelKind,
};
use serde::Serialize;
use uuid::Uuid;

/// Where a task stands beside the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Spot {
    Nowhere,
    Waiting {
        run_at: Option<Moment>,
    },
    /// For want of an account.
    Held {
        run_at: Option<Moment>,
    },
    /// With nothing sent.
    Parked {
        epoch: Epoch,
        until: Moment,
    },
    Keys(Keys),
}

/// What a task holds: its tax number, and a slot of its lane when `slot`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Keys {
    pub(super) slot: Option<Slot>,
    pub(super) fence: Fence,
    /// None: nobody asks.
    pub(super) worker: Option<WorkerId>,
    pub(super) lease_until: Option<Moment>,
    pub(super) since: Moment,
    pub(super) ask_at: Option<Moment>,
    pub(super) asked_since: Option<Moment>,
    pub(super) quiet_until: Option<Moment>,
    pub(super) may_have_sent: bool,
    pub(super) parked: Option<(Epoch, Moment)>,
}

/// A task on the desk.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) task: TaskId,
    pub(super) kind: Kind,
    pub(super) channel: Option<ChannelKind>,
    pub(super) tax: Option<TaxId>,
    pub(super) lane: Option<LaneId>,
    /// The lane that it was logged for.
    lane_key: Option<LaneKey>,
    /// Set when the task gets a lane that it had not.
    pub(super) new_lane_key: Option<LaneKey>,
    pub(super) place: Place,
    /// When it was logged.
    pub(super) since: Moment,
    pub(super) state: State,
    pub(super) reason: String,
    pub(super) attempts: u32,
    pub(super) rescues: u32,
    pub(super) accepted: bool,
    pub(super) unknown: bool,
    pub(super) settled_fence: Option<Fence>,
    pub(super) started_at: Option<Moment>,
    pub(super) finished_at: Option<Moment>,
    pub(super) succeeded: i32,
    pub(super) subject: Subject,
    pub(super) spot: Spot,
    /// Where the database has it.
    pub(super) was: Spot,
    pub(super) changed: bool,
}

impl Case {
    /// The only way to another state. An illegal event changes nothing.
    pub(super) fn take(&mut self, event: Event) -> Result<(), Illegal> {
        self.state = self.state.clone().on(event)?;
        self.changed = true;
        Ok(())
    }

    /// The lane that it is for, by name.
    pub(super) fn lane_key(&self) -> Option<&LaneKey> {
        self.new_lane_key.as_ref().or(self.lane_key.as_ref())
    }

    pub(super) fn keys(&self) -> Option<&Keys> {
        match &self.spot {
            Spot::Keys(keys) => Some(keys),
            _ => None,
        }
    }

    pub(super) fn keys_mut(&mut self) -> Option<&mut Keys> {
        self.changed = true;
        match &mut self.spot {
            Spot::Keys(keys) => Some(keys),
            _ => None,
        }
    }

    /// Its keys are under this fence, and somebody works with them.
    pub(super) fn is_held_under(&self, fence: Fence) -> bool {
        self.keys().is_some_and(|keys| keys.fence == fence && keys.worker.is_some())
    }

    pub(super) fn shown(&self) -> ShownState {
        self.state.name().shown(self.channel.unwrap_or(ChannelKind::Etax), self.accepted)
    }

    pub(super) fn move_to(&mut self, spot: Spot) {
        self.spot = spot;
        self.changed = true;
    }

    /// Keeps the tax number (and the lane) with nobody asking until then; None: until a login.
    pub(super) fn leave_unasked(&mut self, now: Moment, ask_at: Option<Moment>, keep_lane: bool) {
        if let Some(keys) = self.keys_mut() {
            keys.worker = None;
            keys.lease_until = None;
            keys.ask_at = ask_at;
            // Whatever nobody asks about has a deadline.
            keys.asked_since.get_or_insert(now);
            keys.slot = keys.slot.filter(|_| keep_lane);
        }
    }

    /// The columns that `waiting`, `running`, `parked` and `held` share.
    pub(super) fn seat(&self) -> Seat {
        Seat {
            task_id: columns::hex(self.task),
            lane_id: self.lane.map(|lane| lane.0),
            tax_id: self.tax.map(|tax| tax.0),
            class: self.kind.class() as i16,
            place: self.place.0,
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Seat {
    task_id: String,
    lane_id: Option<i32>,
    tax_id: Option<i32>,
    class: i16,
    place: i64,
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct CaseRow {
    task_id: Uuid,
    kind: String,
    tax_no: String,
    tax_id: Option<i32>,
    bureau: Option<String>,
    account: Option<String>,
    batch_id: Option<String>,
    retry_of: Option<Uuid>,
    traceparent: Option<String>,
    channel: Option<String>,
    state: String,
    reason: String,
    attempts: i64,
    rescues: i64,
    accepted: bool,
    unknown: bool,
    settled_fence: Option<i64>,
    started_at: Option<i64>,
    finished_at: Option<i64>,
    invoices_succeeded: i32,
    events: i32,
    enqueued_at: i64,
    lane_id: Option<i32>,
    place: i64,
    run_at: Option<i64>,
    waits: bool,
    is_held: bool,
    epoch: Option<i64>,
    until: Option<i64>,
    n: Option<i16>,
    fence: Option<i64>,
    worker: Option<i32>,
    lease_until: Option<i64>,
    since: Option<i64>,
    ask_at: Option<i64>,
    asked_since: Option<i64>,
    quiet_until: Option<i64>,
    may_have_sent: bool,
    parked_epoch: Option<i64>,
    parked_until: Option<i64>,
    receipt: Option<String>,
}

impl CaseRow {
    fn spot(&self) -> Spot {
        let run_at = self.run_at.map(moment);
        if let Some(fence) = self.fence {
            let parked = self.parked_epoch.map(Epoch).zip(self.parked_until.map(moment));
            return Spot::Keys(Keys {
                slot: self.n.map(Slot),
                fence: Fence(fence),
                worker: self.worker.map(WorkerId),
                lease_until: self.lease_until.map(moment),
                since: self.since.map(moment).unwrap_or_default(),
                ask_at: self.ask_at.map(moment),
                asked_since: self.asked_since.map(moment),
                quiet_until: self.quiet_until.map(moment),
                may_have_sent: self.may_have_sent,
                parked,
            });
        }
        if let (Some(epoch), Some(until)) = (self.epoch, self.until) {
            return Spot::Parked { epoch: Epoch(epoch), until: moment(until) };
        }
        match (self.waits, self.is_held) {
            (true, _) => Spot::Waiting { run_at },
            (_, true) => Spot::Held { run_at },
            _ => Spot::Nowhere,
        }
    }

    /// The state with its data, which stands where the task does.
    fn state(&self, spot: &Spot) -> Result<State, Fault> {
        let name: StateName = codec::read(&self.state)?;
        let keys = match spot {
            Spot::Keys(keys) => Some(keys),
            _ => None,
        };
        let receipt = || self.receipt.clone().map(Receipt);
        Ok(match name {
            StateName::Held => State::Held,
            StateName::Queued => State::Queued,
            StateName::Running => {
                State::Running { fence: keys.map_or(Fence(0), |keys| keys.fence) }
            }
            StateName::Awaiting => {
                State::Awaiting { receipt: receipt().unwrap_or_else(|| Receipt(String::new())) }
            }
            StateName::Unclear => State::Unclear {
                receipt: receipt(),
                quiet_until: keys.and_then(|keys| keys.quiet_until).unwrap_or_default(),
            },
            StateName::Delayed => {
                let until = keys.map_or(self.run_at.map(moment), |keys| keys.ask_at);
                State::Delayed { sent: keys.is_some(), until: until.unwrap_or_default() }
            }
            StateName::Parked => {
                let epoch = self.epoch.or(self.parked_epoch).unwrap_or_default();
                State::Parked { sent: keys.is_some(), epoch: Epoch(epoch) }
            }
            StateName::Done => State::Done,
            StateName::Refused => State::Refused,
            StateName::Failed => State::Failed,
            StateName::Cancelled => State::Cancelled,
        })
    }

    pub(super) fn case(self) -> Result<Case, Fault> {
        let spot = self.spot();
        let state = self.state(&spot)?;
        let bureau = codec::read_optional(self.bureau.as_deref())?;
        let account = codec::read_optional(self.account.as_deref())?;
        let lane_key = bureau.zip(account).map(|(bureau, account)| LaneKey { bureau, account });
        Ok(Case {
            task: TaskId(self.task_id),
            kind: codec::read(&self.kind)?,
            channel: codec::read_optional(self.channel.as_deref())?,
            tax: self.tax_id.map(TaxId),
            lane: self.lane_id.map(LaneId),
            lane_key,
            new_lane_key: None,
            place: Place(self.place),
            since: moment(self.enqueued_at),
            state,
            reason: self.reason,
            attempts: codec::count(self.attempts),
            rescues: codec::count(self.rescues),
            accepted: self.accepted,
            unknown: self.unknown,
            settled_fence: self.settled_fence.map(Fence),
            started_at: self.started_at.map(moment),
            finished_at: self.finished_at.map(moment),
            succeeded: self.invoices_succeeded,
            subject: Subject {
                task: TaskId(self.task_id),
                kind: self.kind,
                tax_no: self.tax_no,
                bureau: self.bureau,
                batch_id: self.batch_id,
                retry_of: self.retry_of.map(TaskId),
                traceparent: self.traceparent,
                events: self.events,
            },
            was: spot.clone(),
            spot,
            changed: false,
        })
    }
}

/// A case's row of the log, as `case/log` writes it.
#[derive(Debug, Serialize)]
pub(super) struct LogRow<'a> {
    task_id: String,
    state: &'static str,
    shown_state: &'static str,
    reason: &'a str,
    bureau: Option<String>,
    account: Option<&'a str>,
    channel: Option<&'static str>,
    attempts: u32,
    rescues: u32,
    accepted: bool,
    unknown: bool,
    settled_fence: Option<i64>,
    started_at: Option<i64>,
    finished_at: Option<i64>,
    succeeded: i32,
    events: i32,
}

impl<'a> LogRow<'a> {
    pub(super) fn of(case: &'a Case) -> LogRow<'a> {
        let lane = case.new_lane_key.as_ref();
        LogRow {
            task_id: columns::hex(case.task),
            state: case.state.name().name(),
            shown_state: case.shown().label(),
            reason: &case.reason,
            bureau: lane.map(|lane| lane.bureau.to_string()),
            account: lane.map(|lane| lane.account.as_str()),
            channel: case.channel.map(ChannelKind::name),
            attempts: case.attempts,
            rescues: case.rescues,
            accepted: case.accepted,
            unknown: case.unknown,
            settled_fence: case.settled_fence.map(|fence| fence.0),
            started_at: case.started_at.map(micros),
            finished_at: case.finished_at.map(micros),
            succeeded: case.succeeded,
            events: case.subject.events,
        }
    }
}
