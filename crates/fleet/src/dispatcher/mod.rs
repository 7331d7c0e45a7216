//! The heart of a worker: gathers what was learned and what may start, writes it in one round
//! trip, and starts what it got the keys for.
//!
//! Self-clocked: while one round trip is under way the next one collects. Nothing waits for a
//! timer but hints that were lost.

mod choose;
mod errands;
mod lane_book;
mod round;
mod soon;

use crate::{
    attempt,
    committed::Committed,
    context::Context,
    ports::{
        bus::Ring,
        crew::Mark,
        log::{Evidence, Head, LaneQueue, Settlement, SwitchNote, SwitchRequest, Turn, Work},
        roster::Lane,
    },
    trace,
    worker::Left,
};
use domain::{
    ids::{Fence, LaneId, TaskId, TaxId},
    taxpayer::ChannelKind,
};
pub(crate) use errands::{Errand, Errands};
use lane_book::LaneBook;
use round::Rounds;
use soon::Soon;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::Instant,
};
use tokio_util::sync::CancellationToken;

/// Hindered heads of one lane that are tried again in one tick.
const LOOKS_PER_TICK: usize = 256;
/// Ticks between two looks at the gates of all lanes.
const ALL_GATES_EVERY: u32 = 10;

/// See the module.
#[derive(Debug)]
pub(crate) struct Dispatcher {
    context: Context,
    errands: Errands,
    inbox: mpsc::Receiver<Errand>,
    lanes: BTreeMap<LaneId, LaneBook>,
    /// The worker's lanes in which a tax number may have a head.
    lanes_of: BTreeMap<TaxId, BTreeSet<LaneId>>,
    /// Lanes with news.
    dirty: BTreeSet<LaneId>,
    soon: Soon,
    proofs: VecDeque<(Evidence, oneshot::Sender<bool>)>,
    settlements: VecDeque<Settlement>,
    switches: VecDeque<(SwitchRequest, oneshot::Sender<SwitchNote>)>,
    attempts: JoinSet<()>,
    running: usize,
    /// The attempts' spans, which end with the settlement.
    spans: BTreeMap<(TaskId, Fence), tracing::Span>,
    mark: Mark,
    /// Looks until all gates are read anew.
    looks: u32,
    /// Queues that news told of and that could not be read.
    unread: BTreeSet<(LaneId, TaxId)>,
    committed: Committed,
}

impl Dispatcher {
    pub(crate) fn new(
        context: Context,
        errands: Errands,
        inbox: mpsc::Receiver<Errand>,
        committed: Committed,
    ) -> Dispatcher {
        Dispatcher {
            context,
            errands,
            inbox,
            lanes: BTreeMap::new(),
            lanes_of: BTreeMap::new(),
            dirty: BTreeSet::new(),
            soon: Soon::default(),
            proofs: VecDeque::new(),
            settlements: VecDeque::new(),
            switches: VecDeque::new(),
            attempts: JoinSet::new(),
            running: 0,
            spans: BTreeMap::new(),
            mark: Mark::default(),
            looks: ALL_GATES_EVERY,
            unread: BTreeSet::new(),
            committed,
        }
    }

    /// Works until nothing more can come and nothing runs any more, or what was learned cannot be
    /// written while the worker ends.
    pub(crate) async fn run(mut self, may_end: CancellationToken) -> Left {
        let mut tick = tokio::time::interval(self.context.settings.tick);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut more = false;
        loop {
            let drained = may_end.is_cancelled()
                && self.inbox.is_empty()
                && self.running == 0
                && self.settlements.is_empty()
                && self.proofs.is_empty()
                && self.switches.is_empty();
            if drained {
                return Left::default();
            }
            tokio::select! {
                biased;
                Some(errand) = self.inbox.recv() => self.take(errand),
                Some(_) = self.attempts.join_next(), if !self.attempts.is_empty() => {}
                ring = self.context.ports.bell.heard() => self.heard(&ring).await,
                () = self.soon.until_due() => self.look_soon(),
                _ = tick.tick() => self.look().await,
                () = std::future::ready(()), if more => {}
            }
            while let Ok(errand) = self.inbox.try_recv() {
                self.take(errand);
                if self.to_write() >= self.context.settings.turn_batch {
                    break;
                }
            }
            more = match self.rounds().await {
                Rounds::Done => false,
                Rounds::Stretched => true,
                Rounds::GivenUp(turn) => return self.left(&turn),
            };
        }
    }

    /// All that is known here and nowhere else, beside the turn that cannot be written.
    fn left(&mut self, turn: &Turn) -> Left {
        let mut left = Left {
            tasks: self.context.grips.all().len() + turn.picks.len(),
            outcomes: turn.settlements.len() + self.settlements.len(),
            evidence: turn.evidence.len() + self.proofs.len(),
            ..Left::default()
        };
        while let Ok(errand) = self.inbox.try_recv() {
            match errand {
                Errand::Ended(_, Some(_)) => left.outcomes += 1,
                Errand::Prove(..) => left.evidence += 1,
                Errand::TakenUp(works, _) => left.tasks += works.len(),
                _ => {}
            }
        }
        left
    }

    fn to_write(&self) -> usize {
        self.proofs.len() + self.settlements.len() + self.switches.len()
    }

    fn take(&mut self, errand: Errand) {
        match errand {
            Errand::Prove(evidence, reply) => self.proofs.push_back((evidence, reply)),
            Errand::Switch(request, reply) => self.switches.push_back((request, reply)),
            Errand::Ended(work, settlement) => self.ended(&work, settlement),
            Errand::Logged(heads) => self.offer(heads),
            Errand::TakenUp(works, since) => {
                for work in works {
                    self.taken_up(work, since);
                }
            }
            Errand::Lanes(lanes, reply) => {
                self.set_lanes(lanes);
                // Whoever asked may have ended meanwhile.
                let _ = reply.send(());
            }
            Errand::GiveUp(lanes, reply) => {
                for lane in &lanes {
                    self.lanes.remove(lane);
                    self.dirty.remove(lane);
                }
                for of in self.lanes_of.values_mut() {
                    of.retain(|lane| !lanes.contains(lane));
                }
                self.lanes_of.retain(|_, of| !of.is_empty());
                // Whoever asked may have ended meanwhile.
                let _ = reply.send(());
            }
        }
    }

    fn ended(&mut self, work: &Work, settlement: Option<Settlement>) {
        self.running -= 1;
        match settlement {
            Some(settlement) => self.settlements.push_back(settlement),
            None => {
                self.spans.remove(&(work.message.task_id, work.fence));
                self.context.grips.let_go(work.message.task_id, work.fence);
                if let Some(book) = self.lanes.get_mut(&work.lane) {
                    book.release(work.message.task_id);
                    self.dirty.insert(work.lane);
                }
            }
        }
    }

    fn offer(&mut self, heads: Vec<Head>) {
        for head in heads {
            let (lane, tax) = (head.lane, head.tax);
            if let Some(book) = self.lanes.get_mut(&lane) {
                book.offer(head);
                self.lanes_of.entry(tax).or_default().insert(lane);
                self.dirty.insert(lane);
            }
        }
    }

    fn taken_up(&mut self, work: Work, since: Instant) {
        if let Some(book) = self.lanes.get_mut(&work.lane) {
            book.asking = false;
            if work.channel == ChannelKind::Etax {
                book.occupy(work.slot, work.message.task_id);
            }
        }
        self.start(work, since);
    }

    /// Runs an attempt at what the keys were taken for in a round trip that began at `since`.
    fn start(&mut self, work: Work, since: Instant) {
        self.running += 1;
        let lease = self.context.settings.lease;
        let grip = self.context.grips.hold(work.message.task_id, work.fence, since, lease);
        let context = self.context.clone();
        let errands = self.errands.clone();
        let span = tracing::info_span!(
            "attempt",
            task = %work.message.task_id,
            kind = work.message.kind.name(),
            fence = work.fence.0,
            state = tracing::field::Empty,
        );
        trace::adopt(&span, work.traceparent.as_deref());
        if !span.is_disabled() {
            self.spans.insert((work.message.task_id, work.fence), span.clone());
        }
        let attempt = async move {
            let settlement = attempt::run(&context, &errands, &work, grip).await;
            errands.send(Errand::Ended(Box::new(work), settlement)).await;
        };
        self.attempts.spawn(tracing::Instrument::instrument(attempt, span));
    }

    fn set_lanes(&mut self, lanes: Vec<Lane>) {
        for lane in lanes {
            let id = lane.id;
            // What changed there since it was read was no news of mine.
            self.mark.lane_version = self.mark.lane_version.min(lane.version);
            match self.lanes.get_mut(&id) {
                Some(book) => book.gates_changed(lane),
                None => {
                    self.lanes.insert(id, LaneBook::new(lane));
                }
            }
            self.dirty.insert(id);
        }
    }

    async fn heard(&mut self, ring: &Ring) {
        for tax in &ring.taxes {
            self.unhinder(*tax);
        }
        let mine = ring.lanes.iter().any(|lane| self.lanes.contains_key(lane));
        if mine || ring.gates {
            self.read_news().await;
        }
    }

    /// The keys of a tax number were freed: its heads in all my lanes may start.
    pub(super) fn unhinder(&mut self, tax: TaxId) {
        let Some(lanes) = self.lanes_of.get(&tax) else { return };
        for lane in lanes {
            if self.lanes.get_mut(lane).is_some_and(|book| book.unhinder(tax)) {
                self.dirty.insert(*lane);
            }
        }
    }

    /// What was being logged stands in the log by now, or nearly.
    fn look_soon(&mut self) {
        for (lane, tax) in self.soon.due(Instant::now()) {
            if let Some(book) = self.lanes.get_mut(&lane) {
                book.look_now(tax);
                self.dirty.insert(lane);
            }
        }
    }

    /// Once a tick: what hints may have missed.
    async fn look(&mut self) {
        let now = self.context.ports.clock.now();
        for (lane, book) in &mut self.lanes {
            if book.look_again(now, LOOKS_PER_TICK) {
                self.dirty.insert(*lane);
            }
        }
        self.looks -= 1;
        if self.looks == 0 {
            self.looks = ALL_GATES_EVERY;
            self.read_all_gates().await;
        }
        self.read_news().await;
    }

    /// A change whose transaction was slow can be older than one that was seen before it, and is
    /// no news then.
    async fn read_all_gates(&mut self) {
        match self.context.ports.store.lanes(None).await {
            Ok(lanes) => self.learn_gates(lanes),
            Err(error) => {
                tracing::warn!(%error, "the gates are read later");
                self.context.meter.store_away.add(1, &[]);
            }
        }
    }

    fn learn_gates(&mut self, lanes: Vec<Lane>) {
        for lane in lanes {
            if let Some(book) = self.lanes.get_mut(&lane.id).filter(|book| book.lane != lane) {
                self.dirty.insert(lane.id);
                book.gates_changed(lane);
            }
        }
    }

    async fn read_news(&mut self) {
        let news = match self.context.ports.store.news(self.context.worker, self.mark).await {
            Ok(news) => news,
            Err(error) => {
                tracing::warn!(%error, "no news from the store");
                self.context.meter.store_away.add(1, &[]);
                return;
            }
        };
        self.mark = news.mark;
        self.learn_gates(news.lanes);
        for (lane, book) in &mut self.lanes {
            let asking = news.asking.contains(lane);
            if book.asking && !asking {
                self.dirty.insert(*lane);
            }
            book.asking = asking;
        }
        self.offer(news.heads);
        self.unread.extend(news.touched);
        let touched: Vec<_> = std::mem::take(&mut self.unread).into_iter().collect();
        self.read_queues(&touched).await;
    }

    /// What came back to an old place may be its queue's head again.
    async fn read_queues(&mut self, touched: &[(LaneId, TaxId)]) {
        if touched.is_empty() {
            return;
        }
        match self.context.ports.store.queues(touched).await {
            Ok(queues) => {
                for queue in &queues {
                    self.set_queue(queue);
                }
            }
            Err(error) => {
                tracing::warn!(%error, "queues are looked at again");
                self.context.meter.store_away.add(1, &[]);
                self.unread.extend(touched);
            }
        }
    }

    /// What waits for a tax number in one of my lanes now.
    fn set_queue(&mut self, queue: &LaneQueue) {
        if let Some(book) = self.lanes.get_mut(&queue.lane) {
            book.set_queue(queue);
            self.lanes_of.entry(queue.tax).or_default().insert(queue.lane);
            self.dirty.insert(queue.lane);
        }
    }
}
