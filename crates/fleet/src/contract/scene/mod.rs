//! The stage of every test: who exists, who works, and what one may do there in one word.

mod world;

pub use world::{
    ALPHA, BETA, CAPITAL, DIRECT, DIRECT_MORE, DIRECT_TOO, EAST, GUARDED, GUARDED_TOO, LEQI,
    LEQI_WIDTH, LONELY, NORTH, PHONE, SHARED, WEST, invoice_key, lane_key, tax_no, world,
};

use super::Bench;
use crate::ports::{
    Store,
    archive::TaskRow,
    log::{
        Appended, Claimed, Evidence, Fate, NewTask, Pick, Proof, RescueLimits, Rescued, Settled,
        Settlement, Turn, TurnOutcome, Verdict, Work,
    },
    outbox::OutboxEvent,
    roster::Lane,
};
use domain::{
    Moment,
    ids::{LaneId, Place, Slot, TaskId, TaxId, WorkerId},
    invoice::{InvoiceType, TaskInvoice},
    kind::Kind,
    retry::Limits,
    schedule::Hindrance,
    task::{Act, StateName, TaskMessage, body_hash},
    taxpayer::ChannelKind,
};
use std::{
    fmt::Debug,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

pub const LEASE: Duration = Duration::from_secs(60);
/// How long the workers themselves stay alive without a heartbeat.
const SHIFT: Duration = Duration::from_secs(30 * 86_400);
/// Three rescues, then half a minute before the next question.
pub static LIMITS: LazyLock<RescueLimits> =
    LazyLock::new(|| RescueLimits { retry: Limits::default(), quiet: Duration::from_secs(120) });

/// A task that was logged and queued.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Logged {
    pub id: TaskId,
    pub lane: LaneId,
    pub tax: TaxId,
    pub place: Place,
}

/// A store with a small world in it and a worker that serves every lane.
pub struct Scene {
    bench: Box<dyn Bench>,
    pub store: Arc<dyn Store>,
    /// Owns every lane.
    pub worker: WorkerId,
    /// Alive; owns nothing.
    pub colleague: WorkerId,
    lanes: Vec<Lane>,
    born: Moment,
    made: AtomicU64,
}

impl Debug for Scene {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scene").field("store", &self.store).finish_non_exhaustive()
    }
}

/// The result of a port call that must go well.
pub fn well<T, E: Debug>(result: Result<T, E>) -> T {
    result.expect("the port does it")
}

pub fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

impl Scene {
    /// Imports the world and puts a worker on every lane.
    pub async fn set(bench: Box<dyn Bench>) -> Scene {
        let store = bench.store();
        well(store.import(&world(), LEQI_WIDTH).await);
        let worker = well(store.enlist("worker", "1.0", SHIFT).await);
        let colleague = well(store.enlist("colleague", "1.0", SHIFT).await);
        let all: Vec<LaneId> = well(store.lanes(None).await).iter().map(|lane| lane.id).collect();
        well(store.share(worker, &all, &[]).await);
        let lanes = well(store.lanes(None).await);
        let born = bench.now().await;
        Scene { bench, store, worker, colleague, lanes, born, made: AtomicU64::new(0) }
    }

    pub async fn end(self) {
        self.bench.end().await;
    }

    pub async fn now(&self) -> Moment {
        self.bench.now().await
    }

    pub async fn advance(&self, by: Duration) {
        self.bench.advance(by).await;
    }

    pub fn lane(&self, account: &str) -> LaneId {
        let key = lane_key(account);
        self.lanes.iter().find(|lane| lane.key == key).expect("the world has this lane").id
    }

    pub async fn lane_now(&self, account: &str) -> Lane {
        let (key, lanes) = (lane_key(account), well(self.store.lanes(None).await));
        lanes.into_iter().find(|lane| lane.key == key).expect("the world has this lane")
    }

    pub async fn tax(&self, payer: &str) -> TaxId {
        let found = well(self.store.taxpayers(&[tax_no(payer)]).await);
        found[0].as_ref().expect("the world has this tax number").id
    }

    /// A fresh id; later ones are lower, so that no order is right by accident of the ids.
    pub fn fresh_id(&self) -> TaskId {
        let n = self.made.fetch_add(1, Ordering::Relaxed);
        let millis = u64::try_from(self.born.timestamp_millis()).unwrap_or_default() - n;
        let random = [7; 10];
        TaskId(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// A task for this lane, to be queued at once.
    pub async fn draft(&self, kind: Kind, payer: &str, account: &str) -> NewTask {
        let tax = self.tax(payer).await;
        let channel = if account == LEQI { ChannelKind::Leqi } else { ChannelKind::Etax };
        let message = TaskMessage::new(self.fresh_id(), kind, tax_no(payer));
        let task = NewTask {
            message: Arc::new(message),
            body: "".into(),
            body_hash: [0; 32],
            traceparent: None,
            lane: Some(lane_key(account)),
            channel: Some(channel),
            fate: Fate::Queue { lane: self.lane(account), tax, run_at: None },
        };
        reworded(task, |_| {})
    }

    /// A selection of these invoices of [`ALPHA`].
    pub async fn selection(&self, kind: Kind, invoices: &[u8]) -> NewTask {
        let task = self.draft(kind, ALPHA, EAST).await;
        reworded(task, |message| message.invoices = task_invoices(invoices))
    }

    pub async fn append(&self, tasks: &[NewTask]) -> Vec<Appended> {
        well(self.store.append(tasks).await)
    }

    pub async fn append_one(&self, task: &NewTask) -> Appended {
        self.append(std::slice::from_ref(task)).await.remove(0)
    }

    /// Logs a task that must be queued.
    pub async fn queue(&self, task: &NewTask) -> Logged {
        match self.append_one(task).await {
            Appended::Queued { lane, tax, place, .. } => {
                Logged { id: task.message.task_id, lane, tax, place }
            }
            other => panic!("not queued: {other:?}"),
        }
    }

    /// Logs a plain task that is queued in this lane.
    pub async fn log(&self, kind: Kind, payer: &str, account: &str) -> Logged {
        self.queue(&self.draft(kind, payer, account).await).await
    }

    pub async fn turn(&self, turn: Turn) -> TurnOutcome {
        well(self.store.turn(self.worker, LEASE, &turn).await)
    }

    pub async fn claim_as(&self, worker: WorkerId, task: Logged, slot: i16) -> Claimed {
        let turn = Turn { picks: vec![pick(task, slot)], ..Turn::default() };
        well(self.store.turn(worker, LEASE, &turn).await).claimed.remove(0)
    }

    /// Starts a task in a slot.
    pub async fn start_in(&self, task: Logged, slot: i16) -> Work {
        match self.claim_as(self.worker, task, slot).await {
            Claimed::Started(work) => *work,
            Claimed::Hindered(hindrance) => panic!("not started: {hindrance:?}"),
        }
    }

    pub async fn start(&self, task: Logged) -> Work {
        self.start_in(task, 0).await
    }

    /// Logs a plain task and starts it.
    pub async fn run(&self, kind: Kind, payer: &str, account: &str) -> Work {
        self.start(self.log(kind, payer, account).await).await
    }

    /// Why a claim does not start the task; the archive must give the same reason.
    pub async fn hindrance(&self, task: Logged) -> Hindrance {
        match self.claim_as(self.worker, task, 0).await {
            Claimed::Started(work) => panic!("started: {work:?}"),
            Claimed::Hindered(hindrance) => {
                let told = well(self.store.why(task.id).await);
                assert_eq!(told.as_ref(), Some(&hindrance), "why differs from the claim");
                hindrance
            }
        }
    }

    pub async fn settle(&self, work: &Work, verdict: Verdict) -> Settled {
        let turn = Turn { settlements: vec![settlement(work, verdict)], ..Turn::default() };
        self.turn(turn).await.settled.remove(0)
    }

    /// Settles and returns the state that was written, with the numbers of its events.
    pub async fn settled(&self, work: &Work, verdict: Verdict) -> (StateName, Vec<i64>) {
        match self.settle(work, verdict).await {
            Settled::Written { state, events } => (state, events),
            other => panic!("not written: {other:?}"),
        }
    }

    pub async fn prove(&self, work: &Work, what: Proof) -> bool {
        self.prove_act(work, Act::Submit, what).await
    }

    pub async fn prove_act(&self, work: &Work, act: Act, what: Proof) -> bool {
        let turn = Turn { evidence: vec![evidence(work, act, what)], ..Turn::default() };
        self.turn(turn).await.evidence.remove(0)
    }

    pub async fn row(&self, task: TaskId) -> TaskRow {
        well(self.store.card(task).await).expect("the task was logged").row
    }

    pub async fn state(&self, task: TaskId) -> StateName {
        self.row(task).await.state
    }

    /// What waits first for the tax number in the lane of this task.
    pub async fn head(&self, beside: Logged) -> Option<TaskId> {
        let queues = well(self.store.queues(&[(beside.lane, beside.tax)]).await);
        queues[0].head.as_ref().map(|head| head.task)
    }

    pub async fn ripen(&self) -> Vec<(LaneId, TaxId)> {
        well(self.store.ripen(100).await)
    }

    pub async fn rescue(&self) -> Vec<Rescued> {
        well(self.store.rescue(self.worker, *LIMITS).await)
    }

    /// Lets every lease run out that stands now, and rescues.
    pub async fn die(&self) -> Vec<Rescued> {
        self.advance(LEASE + seconds(1)).await;
        self.rescue().await
    }

    pub async fn take_up(&self) -> Vec<Work> {
        well(self.store.take_up(self.worker, LEASE, 100).await)
    }

    /// The events of a task that still stand in the outbox, oldest first.
    pub async fn events_of(&self, task: TaskId) -> Vec<OutboxEvent> {
        let all = well(self.store.left_over(Duration::ZERO, 1000).await);
        all.into_iter().filter(|event| event.task == task).collect()
    }
}

/// The task with its message changed, and body and hash made to fit.
pub fn reworded(mut task: NewTask, change: impl FnOnce(&mut TaskMessage)) -> NewTask {
    change(Arc::make_mut(&mut task.message));
    task.body = task.message.to_json().into();
    task.body_hash = body_hash(task.body.as_bytes());
    task
}

pub fn task_invoices(numbers: &[u8]) -> Vec<TaskInvoice> {
    let invoice_type: InvoiceType = "27".parse().expect("an invoice type");
    let invoice = |n: &u8| TaskInvoice::new(invoice_key(*n), invoice_type);
    numbers.iter().map(invoice).collect()
}

pub fn pick(task: Logged, slot: i16) -> Pick {
    Pick { task: task.id, lane: task.lane, tax: task.tax, slot: Slot(slot) }
}

pub fn settlement(work: &Work, verdict: Verdict) -> Settlement {
    let task = work.message.task_id;
    let (lane, tax, fence) = (work.lane, work.tax, work.fence);
    Settlement { task, lane, tax, fence, period: None, verdict, child: None }
}

pub fn evidence(work: &Work, act: Act, what: Proof) -> Evidence {
    Evidence { task: work.message.task_id, act, fence: work.fence, what }
}
