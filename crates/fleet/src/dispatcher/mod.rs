//! The heart of a worker: gathers what was learned and what may start, writes it in round trips,
//! and starts what it got the keys for.
//!
//! Self-clocked: while a writer's round trip is under way its next one collects. Nothing waits for
//! a timer but hints that were lost.

mod choose;
mod errands;
mod lane_book;
mod news;
mod round;
mod soon;
mod writers;

use crate::{
    attempt,
    committed::Committed,
    context::Context,
    ports::{
        crew::Mark,
        log::{Head, Settlement, Turn, Work},
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
use soon::Soon;
use std::collections::{BTreeMap, BTreeSet};
use tokio::{sync::mpsc, task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;
use writers::{Writers, Written};

/// See the module.
#[derive(Debug)]
pub(crate) struct Dispatcher {
    context: Context,
    errands: Errands,
    inbox: mpsc::Receiver<Errand>,
    lanes: BTreeMap<LaneId, LaneBook>,
    /// The worker's lanes in which a tax number may have a head.
    lanes_of: BTreeMap<TaxId, BTreeSet<LaneId>>,
    soon: Soon,
    /// What is to be written, and lanes with news.
    writers: Writers,
    /// Round trips under way.
    turns: JoinSet<Written>,
    attempts: JoinSet<()>,
    running: usize,
    /// Claims under way.
    claiming: usize,
    /// The attempts' spans, which end with the settlement.
    spans: BTreeMap<(TaskId, Fence), tracing::Span>,
    mark: Mark,
    /// Lanes whose accounts' past switches are not known, or may have grown.
    switched: BTreeSet<LaneId>,
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
            writers: Writers::new(context.settings.writers),
            context,
            errands,
            inbox,
            lanes: BTreeMap::new(),
            lanes_of: BTreeMap::new(),
            soon: Soon::default(),
            turns: JoinSet::new(),
            attempts: JoinSet::new(),
            running: 0,
            claiming: 0,
            spans: BTreeMap::new(),
            mark: Mark::default(),
            switched: BTreeSet::new(),
            unread: BTreeSet::new(),
            committed,
        }
    }

    /// Works until nothing more can come and nothing runs any more, or what was learned cannot be
    /// written while the worker ends.
    pub(crate) async fn run(mut self, may_end: CancellationToken) -> Left {
        let mut tick = tokio::time::interval(self.context.settings.tick);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let drained = may_end.is_cancelled()
                && self.inbox.is_empty()
                && self.running == 0
                && self.turns.is_empty()
                && self.writers.are_done();
            if drained {
                return Left::default();
            }
            // What cannot come all the time goes first, for it would leave the others no turn: a
            // writer is back once a turn, and a look may last longer than a tick.
            tokio::select! {
                biased;
                Some(turn) = self.turns.join_next(), if !self.turns.is_empty() => {
                    if let Some(turn) = self.returned(turn).await {
                        return self.left(turn).await;
                    }
                }
                () = self.soon.until_due() => self.look_soon(),
                _ = tick.tick() => self.look().await,
                ring = self.context.ports.bell.heard() => self.heard(&ring).await,
                Some(errand) = self.inbox.recv() => self.take(errand),
                Some(_) = self.attempts.join_next(), if !self.attempts.is_empty() => {}
            }
            while let Ok(errand) = self.inbox.try_recv() {
                self.take(errand);
            }
            self.read_switches().await;
            self.launch();
        }
    }

    /// All that is known here and nowhere else, beside the turn that cannot be written.
    async fn left(&mut self, turn: Turn) -> Left {
        let mut left = self.writers.left();
        left.tasks += self.context.grips.all().len();
        left.count(&turn);
        // The others give up at the same time.
        while let Some(Ok(other)) = self.turns.join_next().await {
            if other.outcome.is_none() {
                left.count(&other.turn);
            }
        }
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

    fn take(&mut self, errand: Errand) {
        match errand {
            Errand::Prove(lane, evidence, reply) => self.writers.prove(lane, evidence, reply),
            Errand::Switch(request, reply) => self.writers.switch(request, reply),
            Errand::Ended(work, settlement) => self.ended(&work, settlement),
            Errand::Logged(heads) => self.offer(heads),
            Errand::TakenUp(works, since) => {
                for work in works {
                    self.taken_up(work, since);
                }
            }
            Errand::Lanes(lanes, since, reply) => {
                self.set_lanes(lanes, since);
                // Whoever asked may have ended meanwhile.
                let _ = reply.send(());
            }
            Errand::GiveUp(lanes, reply) => {
                self.give_up(&lanes);
                self.writers.tell_when_idle(&lanes, reply);
            }
        }
    }

    fn give_up(&mut self, lanes: &BTreeSet<LaneId>) {
        for lane in lanes {
            self.lanes.remove(lane);
            self.switched.remove(lane);
            self.writers.forget(*lane);
        }
        for of in self.lanes_of.values_mut() {
            of.retain(|lane| !lanes.contains(lane));
        }
        self.lanes_of.retain(|_, of| !of.is_empty());
    }

    fn ended(&mut self, work: &Work, settlement: Option<Settlement>) {
        self.running -= 1;
        match settlement {
            Some(settlement) => self.writers.settle(settlement),
            None => {
                self.spans.remove(&(work.message.task_id, work.fence));
                self.context.grips.let_go(work.message.task_id, work.fence);
                if let Some(book) = self.lanes.get_mut(&work.lane) {
                    book.release(work.message.task_id);
                    self.writers.wake(work.lane);
                }
            }
        }
    }

    /// A round trip under way brings what its queues were before these came: they are kept until
    /// it is back.
    fn offer(&mut self, heads: Vec<Head>) {
        for head in heads {
            let (lane, tax) = (head.lane, head.tax);
            let Some(head) = self.writers.keep_while_busy(head) else { continue };
            if let Some(book) = self.lanes.get_mut(&lane) {
                book.offer(head);
                self.lanes_of.entry(tax).or_default().insert(lane);
                self.writers.wake(lane);
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

    fn set_lanes(&mut self, lanes: Vec<Lane>, since: i64) {
        // What changed there since they were read was no news of mine.
        self.mark.gates = self.mark.gates.min(since);
        for lane in lanes {
            let id = lane.id;
            match self.lanes.get_mut(&id) {
                Some(book) => book.gates_changed(lane),
                None => {
                    self.lanes.insert(id, LaneBook::new(lane));
                }
            }
            self.writers.wake(id);
            self.switched.insert(id);
        }
    }

    /// The keys of a tax number were freed: its heads in all my lanes may start.
    pub(super) fn unhinder(&mut self, tax: TaxId) {
        let Some(lanes) = self.lanes_of.get(&tax) else { return };
        for lane in lanes {
            if self.lanes.get_mut(lane).is_some_and(|book| book.unhinder(tax)) {
                self.writers.wake(*lane);
            }
        }
    }

    /// No round trip is about this tax number any more.
    pub(super) fn bring_back(&mut self, tax: TaxId) {
        let Some(lanes) = self.lanes_of.get(&tax) else { return };
        for lane in lanes {
            if self.lanes.get_mut(lane).is_some_and(|book| book.bring_back(tax)) {
                self.writers.wake(*lane);
            }
        }
    }
}
