//! One round trip: evidence and settlements first, then claims.

use super::{Dispatcher, lane_book::LOOK_AGAIN};
use crate::{
    meter::label,
    ports::{
        bus::Ring,
        log::{
            Claimed, Evidence, Pick, Settled, Settlement, SwitchNote, SwitchRequest, Turn,
            TurnOutcome,
        },
    },
};
use backon::{BackoffBuilder, ExponentialBuilder};
use domain::schedule::Hindrance;
use std::time::Duration;
use tokio::{sync::oneshot, time::Instant};

/// Round trips between two looks around.
const AT_A_STRETCH: usize = 8;

type Proof = (Evidence, oneshot::Sender<bool>);
type Switch = (SwitchRequest, oneshot::Sender<SwitchNote>);

/// Who waits for the turn's answers.
struct Replies {
    evidence: Vec<oneshot::Sender<bool>>,
    switches: Vec<oneshot::Sender<SwitchNote>>,
}

/// How a stretch of round trips ended.
pub(super) enum Rounds {
    /// Nothing is left to write or to start.
    Done,
    /// There may be more, but whoever never gets to the end of its work must look around too.
    Stretched,
    /// This turn is not going to be written.
    GivenUp(Turn),
}

impl Dispatcher {
    /// Round trips until there is nothing to write and nothing to start.
    pub(super) async fn rounds(&mut self) -> Rounds {
        for _ in 0..AT_A_STRETCH {
            let batch = self.context.settings.turn_batch;
            let proofs: Vec<Proof> = drain(&mut self.proofs, batch);
            let settlements: Vec<Settlement> = drain(&mut self.settlements, batch - proofs.len());
            let room = batch - proofs.len() - settlements.len();
            let switches: Vec<Switch> = drain(&mut self.switches, room);
            // The slots of what ends in this turn are free for what starts in it.
            for settlement in &settlements {
                self.vacate(settlement);
            }
            let picks = self.may_start(batch);
            let (evidence, proved) = proofs.into_iter().unzip();
            let (switches, noted) = switches.into_iter().unzip();
            let turn = Turn { evidence, settlements, switches, picks };
            if turn.is_empty() {
                return Rounds::Done;
            }
            let replies = Replies { evidence: proved, switches: noted };
            let Some((outcome, since)) = self.write(&turn).await else {
                return Rounds::GivenUp(turn);
            };
            self.apply(turn, replies, outcome, since);
            while let Ok(errand) = self.inbox.try_recv() {
                self.take(errand);
                if self.to_write() >= batch {
                    break;
                }
            }
        }
        Rounds::Stretched
    }

    fn may_start(&mut self, room: usize) -> Vec<Pick> {
        if self.context.draining.has_begun() { Vec::new() } else { self.picks(room) }
    }

    fn vacate(&mut self, settlement: &Settlement) {
        if let Some(book) = self.lanes.get_mut(&settlement.lane) {
            book.release(settlement.task);
            self.dirty.insert(settlement.lane);
        }
        self.unhinder(settlement.tax);
    }

    /// Writes the turn, again and again while the store is away: repeating is safe, and what was
    /// learned must not be lost. Says also when the try that was answered began: new keys hold
    /// from then. None: the worker ends, and the store has been away for too long.
    async fn write(&self, turn: &Turn) -> Option<(TurnOutcome, Instant)> {
        let settings = &self.context.settings;
        let mut delays = ExponentialBuilder::new()
            .with_min_delay(Duration::from_millis(50))
            .with_max_delay(Duration::from_secs(2))
            .without_max_times()
            .build();
        let began = Instant::now();
        let items = turn.items();
        loop {
            let store = &self.context.ports.store;
            let since = Instant::now();
            match store.turn(self.context.worker, settings.lease, turn).await {
                Ok(outcome) => {
                    let meter = &self.context.meter;
                    meter.turn_seconds.record(began.elapsed().as_secs_f64(), &[]);
                    meter.turn_items.record(items as u64, &[]);
                    return Some((outcome, since));
                }
                Err(error) => {
                    tracing::error!(%error, items, "a turn could not be written; trying again");
                    self.context.meter.store_away.add(1, &[]);
                    if self.context.draining.gives_up(began) {
                        return None;
                    }
                    tokio::time::sleep(delays.next().unwrap_or(Duration::from_secs(2))).await;
                }
            }
        }
    }

    fn apply(&mut self, turn: Turn, replies: Replies, outcome: TurnOutcome, since: Instant) {
        // An attempt that was dropped meanwhile needs no answer; what it sent is kept.
        for (reply, current) in replies.evidence.into_iter().zip(outcome.evidence) {
            let _ = reply.send(current);
        }
        for (reply, note) in replies.switches.into_iter().zip(outcome.switches) {
            let _ = reply.send(note);
        }
        let mut ring = Ring::default();
        let mut events = Vec::new();
        for (settlement, settled) in turn.settlements.iter().zip(outcome.settled) {
            self.settled(settlement, settled, &mut events);
            ring.lanes.insert(settlement.lane);
            ring.taxes.insert(settlement.tax);
        }
        for queue in &outcome.queues {
            self.set_queue(queue);
        }
        for (pick, claimed) in turn.picks.into_iter().zip(outcome.claimed) {
            match claimed {
                Claimed::Started(work) => {
                    self.soon.over(pick.lane, pick.tax);
                    self.note_start(&work);
                    // A lower class of this number that waits elsewhere can see that the
                    // higher one has left the queue.
                    ring.taxes.insert(pick.tax);
                    self.start(*work, since);
                }
                Claimed::Hindered(hindrance) => self.refused(&pick, hindrance),
            }
        }
        if !ring.is_empty() {
            self.context.ports.bell.ring(ring);
        }
        self.committed.publish(events);
    }

    fn refused(&mut self, pick: &Pick, hindrance: Hindrance) {
        self.context.meter.hindered.add(1, &label("reason", hindrance.code()));
        let Some(book) = self.lanes.get_mut(&pick.lane) else { return };
        book.release(pick.task);
        self.dirty.insert(pick.lane);
        let now = self.context.ports.clock.now();
        if hindrance == Hindrance::BeingLogged {
            let stays = self.soon.refused(pick.lane, pick.tax, Instant::now());
            let scarce = self.context.settings.switches.is_some();
            if stays && scarce && book.lane.current_tax == Some(pick.tax) {
                return book.close_until(now + LOOK_AGAIN);
            }
        } else {
            self.soon.over(pick.lane, pick.tax);
        }
        book.hinder(pick.tax, pick.slot, hindrance, now);
    }

    fn note_start(&self, work: &crate::ports::log::Work) {
        let class = label("class", work.message.kind.class().name());
        self.context.meter.started.add(1, &class);
        let waited = self.context.ports.clock.now() - work.submitted_at;
        self.context.meter.wait_seconds.record(waited.as_seconds_f64().max(0.0), &class);
    }

    fn settled(&mut self, settlement: &Settlement, settled: Settled, events: &mut Vec<i64>) {
        self.context.grips.let_go(settlement.task, settlement.fence);
        let span = self.spans.remove(&(settlement.task, settlement.fence));
        match settled {
            Settled::Written { state, events: numbers } => {
                self.context.meter.settled.add(1, &label("state", state.name()));
                if let Some(span) = span {
                    span.record("state", state.name());
                }
                events.extend(numbers);
            }
            Settled::Before { .. } => {}
            Settled::Stale => {
                tracing::warn!(
                    task = %settlement.task,
                    fence = settlement.fence.0,
                    "a late settlement was refused: the keys have passed on"
                );
                self.context.meter.stale_writes.add(1, &[]);
            }
        }
    }
}

fn drain<T>(queue: &mut std::collections::VecDeque<T>, most: usize) -> Vec<T> {
    let n = queue.len().min(most);
    queue.drain(..n).collect()
}
