//! The tables: what stands in the store.

use super::{
    automatic::Automatic, batches::BatchRow, lists::KeptList, pool::PoolRest, versions::KeptVersion,
};
use crate::ports::{
    log::{Evidence, LaneQueue, Submission},
    outbox::{EventKind, OutboxEvent},
    people::{Record, TokenHash},
    secrets::Sealed,
};
use domain::{
    Moment,
    bureau::{BureauCode, LaneKey},
    ids::{Fence, LaneId, Place, Slot, TaskId, TaxId, WorkerId},
    invoice::{FileFormat, InvoiceFile, InvoiceKey, PoolInvoice},
    kind::Class,
    ledger::{LedgerLine, LineOutcome},
    period::TaxPeriod,
    rights::{User, UserName},
    schedule::{PauseNote, SwitchHistory},
    secret::SecretName,
    statistic::{KnownFigures, StatisticState, VersionId},
    task::{Act, Event, State, StateName, TaskMessage},
    tax_no::TaxNo,
    taxpayer::{ChannelKind, Session, Taxpayer},
    world::Served,
    writeback::{Part, Stamp},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

/// How many queues that got a task back are remembered for workers that look for news.
const TOUCHED: usize = 10_000;

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

/// All tables.
#[derive(Debug, Default)]
pub struct Book {
    pub(super) now: Moment,
    pub tasks: BTreeMap<TaskId, Row>,
    /// Time has come, by lane and tax number, in order.
    pub waiting: BTreeMap<(LaneId, TaxId), BTreeMap<(Class, Place), TaskId>>,
    /// Time has not come.
    pub timed: BTreeSet<(Moment, TaskId)>,
    pub(super) run_at: BTreeMap<TaskId, Moment>,
    /// When the first task of a batch was logged for a tax number.
    pub(super) batches: BTreeMap<(String, TaxNo), Moment>,
    /// How many tasks of a batch were logged so far, and how many of them have ended.
    pub(super) batch_counts: BTreeMap<String, (u32, u32)>,
    /// Batches as they were asked for.
    pub(super) batch_requests: BTreeMap<String, BatchRow>,
    pub(super) lists: BTreeMap<String, KeptList>,
    pub(super) automatic: Automatic,
    pub parked: BTreeSet<TaskId>,
    pub running: BTreeMap<TaskId, Key>,
    pub by_tax: BTreeMap<TaxId, TaskId>,
    pub by_slot: BTreeMap<(LaneId, Slot), TaskId>,
    pub lanes: BTreeMap<LaneId, LaneRow>,
    pub lane_ids: BTreeMap<LaneKey, LaneId>,
    pub bureau_pauses: BTreeMap<BureauCode, PauseNote>,
    pub taxpayers: BTreeMap<TaxId, TaxRow>,
    pub tax_ids: BTreeMap<TaxNo, TaxId>,
    pub pool: HashMap<(TaxId, InvoiceKey), PoolInvoice>,
    pub pool_rest: HashMap<(TaxId, InvoiceKey), PoolRest>,
    pub files: BTreeMap<(TaxId, InvoiceKey, FileFormat), InvoiceFile>,
    /// Which document wrote a part of an invoice last.
    pub written_back: HashMap<((TaxId, InvoiceKey), Part), Stamp>,
    pub holds: BTreeMap<(TaxId, InvoiceKey), TaskId>,
    pub statistic_tables: BTreeMap<(TaxId, TaxPeriod), Table>,
    pub versions: BTreeMap<(TaxId, VersionId), KeptVersion>,
    pub secrets: BTreeMap<SecretName, Sealed>,
    pub(super) around: super::around::Around,
    pub retries: BTreeMap<TaskId, TaskId>,
    pub outbox: BTreeMap<i64, OutboxEvent>,
    pub workers: BTreeMap<WorkerId, WorkerRow>,
    pub people: BTreeMap<UserName, (User, TokenHash)>,
    pub audit: Vec<Record>,
    /// What queued again at an old place, by the version that this made.
    pub(super) touched: BTreeMap<i64, (LaneId, TaxId)>,
    pub(super) next_worker: i32,
    pub(super) next_place: i64,
    pub(super) next_fence: i64,
    pub(super) next_event: i64,
    pub(super) next_version: i64,
}

impl Book {
    pub fn now(&self) -> Moment {
        self.now
    }

    pub(super) fn bump(&mut self, lane: LaneId) {
        self.next_version += 1;
        let version = self.next_version;
        if let Some(row) = self.lanes.get_mut(&lane) {
            row.version = version;
        }
    }

    /// Puts a task where it waits: in its lane's queue, or among the timed ones.
    pub(super) fn enqueue(&mut self, id: TaskId, run_at: Option<Moment>) {
        let row = &self.tasks[&id];
        let (Some(lane), Some(tax)) = (row.lane, row.tax) else { return };
        match run_at.filter(|at| *at > self.now) {
            Some(at) => self.enqueue_at(id, at),
            None => {
                let order = (row.class(), row.place);
                self.waiting.entry((lane, tax)).or_default().insert(order, id);
            }
        }
    }

    /// Puts a task back where it waited, so that its lane's worker hears of it.
    pub(super) fn requeue(&mut self, id: TaskId) {
        self.enqueue(id, None);
        if let Some(queue) = self.tasks[&id].lane.zip(self.tasks[&id].tax) {
            self.next_version += 1;
            self.touched.insert(self.next_version, queue);
        }
        while self.touched.len() > TOUCHED {
            self.touched.pop_first();
        }
    }

    /// Puts a task among the timed ones, until it is ripened or claimed.
    pub(super) fn enqueue_at(&mut self, id: TaskId, at: Moment) {
        self.timed.insert((at, id));
        self.run_at.insert(id, at);
    }

    /// The time of a task that waited for one has come.
    pub(super) fn come_due(&mut self, id: TaskId) {
        let row = self.row(id);
        let event = match row.state {
            State::Held => Event::Released,
            _ => Event::Due,
        };
        row.take(event).expect("what waits for a time is Held or Delayed");
    }

    /// Takes a task out of wherever it waits.
    pub(super) fn dequeue(&mut self, id: TaskId) {
        let row = &self.tasks[&id];
        if let (Some(lane), Some(tax)) = (row.lane, row.tax)
            && let Some(queue) = self.waiting.get_mut(&(lane, tax))
        {
            queue.remove(&(row.class(), row.place));
            if queue.is_empty() {
                self.waiting.remove(&(lane, tax));
            }
        }
        if let Some(at) = self.run_at.remove(&id) {
            self.timed.remove(&(at, id));
        }
        self.parked.remove(&id);
    }

    pub(super) fn is_waiting(&self, id: TaskId) -> bool {
        let Some(row) = self.tasks.get(&id) else { return false };
        let (Some(lane), Some(tax)) = (row.lane, row.tax) else { return false };
        self.waiting.get(&(lane, tax)).is_some_and(|q| q.contains_key(&(row.class(), row.place)))
    }

    /// Frees both keys.
    pub(super) fn free(&mut self, id: TaskId) {
        if let Some(key) = self.running.remove(&id) {
            self.by_tax.remove(&key.tax);
            if let Some(slot) = key.slot {
                self.by_slot.remove(&slot);
            }
        }
    }

    pub(super) fn free_holds(&mut self, id: TaskId) {
        let row = &self.tasks[&id];
        let Some(tax) = row.tax else { return };
        for invoice in &row.message.invoices {
            let key = (tax, invoice.key.clone());
            if self.holds.get(&key) == Some(&id) {
                self.holds.remove(&key);
            }
        }
    }

    pub(super) fn queue_of(&self, lane: LaneId, tax: TaxId) -> LaneQueue {
        let first = self.waiting.get(&(lane, tax)).and_then(|queue| queue.iter().next());
        let head = first.map(|((class, place), task)| crate::ports::log::Head {
            task: *task,
            lane,
            tax,
            class: *class,
            place: *place,
            since: self.tasks[task].enqueued_at,
        });
        LaneQueue { lane, tax, head }
    }

    /// Tells of a task's end and, when it was the last open one of its batch, of the batch's. The
    /// numbers of these events.
    pub(super) fn emit_end(&mut self, id: TaskId, kind: EventKind) -> Vec<i64> {
        let mut events = vec![self.emit(id, kind)];
        let batch = self.tasks.get(&id).and_then(|row| row.message.batch_id.clone());
        let Some(batch) = batch else { return events };
        let becomes = self.batch_becomes(&batch);
        let (tasks, ended) = self.batch_counts.entry(batch.clone()).or_default();
        *ended += 1;
        if tasks == ended && *tasks as usize >= becomes {
            let data = serde_json::json!({"batch_id": batch, "tasks": *tasks}).to_string();
            let number = self.emit(id, EventKind::BatchFinished);
            if let Some(event) = self.outbox.get_mut(&number) {
                (event.data, event.reason) = (data.into(), String::new());
            }
            events.push(number);
        }
        events
    }

    /// Writes an event into the outbox, with the state that was just written.
    pub(super) fn emit(&mut self, id: TaskId, kind: EventKind) -> i64 {
        self.next_event += 1;
        let number = self.next_event;
        let at = self.now;
        let Some(row) = self.tasks.get_mut(&id) else { return number };
        row.sequence += 1;
        let again = kind == EventKind::Failed && !row.unknown;
        let event = OutboxEvent {
            number,
            task: id,
            sequence: row.sequence,
            kind,
            bureau: row.lane_key.as_ref().map(|lane| lane.bureau),
            at,
            data: event_data(id, row).into(),
            failed_body: again.then(|| row.body.clone()),
            reason: row.reason.clone(),
            traceparent: row.traceparent.clone(),
        };
        self.outbox.insert(number, event);
        number
    }
}

/// The event's `data`.
fn event_data(id: TaskId, row: &Row) -> String {
    let channel = row.channel.unwrap_or(ChannelKind::Etax);
    let of = |outcome: fn(&LineOutcome) -> bool| -> Vec<serde_json::Value> {
        let lines = row.ledger.iter().filter(|line| outcome(&line.outcome));
        lines
            .map(|line| {
                serde_json::json!({
                    "invoice_code": line.invoice.code,
                    "invoice_no": line.invoice.number,
                    "reason": line.reason,
                })
            })
            .collect()
    };
    serde_json::json!({
        "task_id": id,
        "kind": row.message.kind,
        "tax_no": row.message.tax_no,
        "state": row.state.name(),
        "shown_state": row.state.name().shown(channel, row.accepted),
        "reason": row.reason,
        "batch_id": row.message.batch_id,
        "retry_of": row.message.retry_of,
        "succeeded": of(|outcome| *outcome == LineOutcome::Succeeded),
        "failed": of(|outcome| *outcome != LineOutcome::Succeeded),
    })
    .to_string()
}
