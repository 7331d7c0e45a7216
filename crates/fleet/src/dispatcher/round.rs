//! One round trip: evidence and settlements first, then claims.

use super::{
    Dispatcher,
    lane_book::LOOK_AGAIN,
    writers::{Proof, Switch, Written},
};
use crate::{
    context::Context,
    meter::label,
    patience::Patience,
    ports::{
        bus::Ring,
        log::{Claimed, Pick, Settled, Settlement, SwitchNote, Turn, TurnOutcome},
    },
};
use domain::{ids::TaxId, schedule::Hindrance};
use tokio::{sync::oneshot, task::JoinError, time::Instant};

/// Who waits for the turn's answers.
#[derive(Debug)]
pub(super) struct Replies {
    evidence: Vec<oneshot::Sender<bool>>,
    switches: Vec<oneshot::Sender<SwitchNote>>,
}

impl Dispatcher {
    /// Sends every writer off that has something to write and is not under way.
    pub(super) fn launch(&mut self) {
        for writer in 0..self.writers.count() {
            if !self.writers.is_away(writer) {
                self.send_off(writer);
            }
        }
    }

    fn send_off(&mut self, writer: usize) {
        let batch = self.context.settings.turn_batch;
        let tray = self.writers.get(writer);
        let proofs: Vec<Proof> = drain(&mut tray.proofs, batch);
        let settlements: Vec<Settlement> = drain(&mut tray.settlements, batch - proofs.len());
        let room = batch - proofs.len() - settlements.len();
        let switches: Vec<Switch> = drain(&mut tray.switches, room);
        // The slots of what ends in this turn are free for what starts in it.
        for settlement in &settlements {
            self.vacate(settlement);
        }
        let picks = self.may_start(writer, batch);
        let (evidence, proved) = proofs.into_iter().unzip();
        let (switches, noted) = switches.into_iter().unzip();
        let turn = Turn { evidence, settlements, switches, picks };
        if turn.is_empty() {
            return;
        }
        self.claiming += turn.picks.len();
        self.writers.leave(writer, &turn);
        let replies = Replies { evidence: proved, switches: noted };
        let context = self.context.clone();
        self.turns.spawn(async move {
            let outcome = write(&context, &turn).await;
            Written { writer, turn, replies, outcome }
        });
    }

    /// A round trip is back: what it brought, then what came meanwhile. Some: this turn is not
    /// going to be written.
    pub(super) async fn returned(&mut self, written: Result<Written, JoinError>) -> Option<Turn> {
        let written = match written {
            Ok(written) => written,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        let Written { writer, turn, replies, outcome } = written;
        let Some((outcome, since)) = outcome else { return Some(turn) };
        self.claiming -= turn.picks.len();
        let settled: Vec<TaxId> = turn.settlements.iter().map(|s| s.tax).collect();
        let back = self.writers.come_back(writer, &settled);
        self.apply(turn, replies, outcome, since);
        for tax in settled.into_iter().chain(back.freed) {
            self.unhinder(tax);
        }
        for tax in back.taxes {
            self.bring_back(tax);
        }
        self.offer(back.kept);
        self.read_queues().await;
        None
    }

    fn may_start(&mut self, writer: usize, room: usize) -> Vec<Pick> {
        if self.context.draining.has_begun() { Vec::new() } else { self.picks(writer, room) }
    }

    fn vacate(&mut self, settlement: &Settlement) {
        if let Some(book) = self.lanes.get_mut(&settlement.lane) {
            book.release(settlement.task);
            self.writers.wake(settlement.lane);
        }
        self.unhinder(settlement.tax);
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
            self.context.ports.bell.ring_others(ring);
        }
        self.committed.publish(events);
    }

    fn refused(&mut self, pick: &Pick, hindrance: Hindrance) {
        self.context.meter.hindered.add(1, &label("reason", hindrance.code()));
        let Some(book) = self.lanes.get_mut(&pick.lane) else { return };
        book.release(pick.task);
        self.writers.wake(pick.lane);
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

/// Writes the turn, again and again while the store is away: repeating is safe, and what was
/// learned must not be lost. Says also when the try that was answered began: new keys hold from
/// then. None: the worker ends, and the store has been away for too long.
async fn write(context: &Context, turn: &Turn) -> Option<(TurnOutcome, Instant)> {
    let mut patience = Patience::new();
    let began = Instant::now();
    let items = turn.items();
    loop {
        let since = Instant::now();
        match context.ports.store.turn(context.worker, context.settings.lease, turn).await {
            Ok(outcome) => {
                context.meter.turn_seconds.record(began.elapsed().as_secs_f64(), &[]);
                context.meter.turn_items.record(items as u64, &[]);
                return Some((outcome, since));
            }
            Err(error) => {
                tracing::error!(%error, items, "a turn could not be written; trying again");
                context.meter.store_away.add(1, &[]);
                if context.draining.gives_up(began) {
                    return None;
                }
                patience.pause().await;
            }
        }
    }
}

fn drain<T>(queue: &mut std::collections::VecDeque<T>, most: usize) -> Vec<T> {
    let n = queue.len().min(most);
    queue.drain(..n).collect()
}
