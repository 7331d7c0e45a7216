//! The tables: what stands in the store.

use super::{
    automatic::Automatic,
    batches::BatchRow,
    lists::KeptList,
    pool::PoolRest,
    rows::{Key, LaneRow, Row, Table, TaxRow, WorkerRow},
    versions::KeptVersion,
};
use crate::ports::{
    log::LaneQueue,
    outbox::OutboxEvent,
    people::{Record, TokenHash},
    secrets::Sealed,
};
use domain::{
    Moment,
    bureau::{BureauCode, LaneKey},
    ids::{LaneId, Place, Slot, TaskId, TaxId, WorkerId},
    invoice::{FileFormat, InvoiceFile, InvoiceKey, PoolInvoice},
    kind::Class,
    period::TaxPeriod,
    rights::{User, UserName},
    schedule::PauseNote,
    secret::SecretName,
    statistic::VersionId,
    task::{Event, State},
    tax_no::TaxNo,
    writeback::{Part, Stamp},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How many queues that got a task back are remembered for workers that look for news.
const TOUCHED: usize = 10_000;

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
}
