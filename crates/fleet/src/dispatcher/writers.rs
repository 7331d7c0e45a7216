//! Who writes what: lanes are divided among a few writers, each with one round trip under way at
//! most, so that the store works for one while another's answer is being heard.
//!
//! Everything about one lane goes through one writer, in the order in which it came. A tax number
//! can be in lanes of two: nothing of it is claimed while another writer's round trip is about it,
//! for the two would wait for each other inside the store.

use super::round::Replies;
use crate::{
    ports::log::{Evidence, Head, Settlement, SwitchNote, SwitchRequest, Turn, TurnOutcome},
    worker::Left,
};
use domain::ids::{LaneId, TaxId};
use std::collections::{BTreeSet, VecDeque};
use tokio::{sync::oneshot, time::Instant};

pub(super) type Proof = (Evidence, oneshot::Sender<bool>);
pub(super) type Switch = (SwitchRequest, oneshot::Sender<SwitchNote>);

/// A round trip that is back, with what was written in it.
#[derive(Debug)]
pub(super) struct Written {
    pub writer: usize,
    pub turn: Turn,
    pub replies: Replies,
    /// With when the try began that was answered. None: it was given up.
    pub outcome: Option<(TurnOutcome, Instant)>,
}

/// What one writer has to do.
#[derive(Debug, Default)]
pub(super) struct Writer {
    pub proofs: VecDeque<Proof>,
    pub settlements: VecDeque<Settlement>,
    pub switches: VecDeque<Switch>,
    /// Lanes with news.
    pub dirty: BTreeSet<LaneId>,
    /// The tax numbers of the round trip under way.
    under_way: Option<BTreeSet<TaxId>>,
    /// Heads that came meanwhile.
    kept: Vec<Head>,
}

/// Who hears when these writers' round trips are back.
#[derive(Debug)]
struct Listener {
    writers: BTreeSet<usize>,
    reply: oneshot::Sender<()>,
}

/// All writers of a worker.
#[derive(Debug)]
pub(super) struct Writers {
    all: Vec<Writer>,
    listeners: Vec<Listener>,
}

impl Writers {
    pub(super) fn new(writers: usize) -> Writers {
        let all = (0..writers.max(1)).map(|_| Writer::default()).collect();
        Writers { all, listeners: Vec::new() }
    }

    pub(super) fn count(&self) -> usize {
        self.all.len()
    }

    fn index(&self, lane: LaneId) -> usize {
        usize::try_from(lane.0).unwrap_or_default() % self.all.len()
    }

    pub(super) fn get(&mut self, writer: usize) -> &mut Writer {
        &mut self.all[writer]
    }

    fn of(&mut self, lane: LaneId) -> &mut Writer {
        let index = self.index(lane);
        &mut self.all[index]
    }

    pub(super) fn prove(&mut self, lane: LaneId, proof: Evidence, reply: oneshot::Sender<bool>) {
        self.of(lane).proofs.push_back((proof, reply));
    }

    pub(super) fn settle(&mut self, settlement: Settlement) {
        self.of(settlement.lane).settlements.push_back(settlement);
    }

    pub(super) fn switch(&mut self, request: SwitchRequest, reply: oneshot::Sender<SwitchNote>) {
        self.of(request.lane).switches.push_back((request, reply));
    }

    /// There is news in this lane.
    pub(super) fn wake(&mut self, lane: LaneId) {
        self.of(lane).dirty.insert(lane);
    }

    pub(super) fn forget(&mut self, lane: LaneId) {
        self.of(lane).dirty.remove(&lane);
    }

    pub(super) fn is_busy(&self, lane: LaneId) -> bool {
        self.all[self.index(lane)].under_way.is_some()
    }

    /// Whether a writer's round trip is under way.
    pub(super) fn is_away(&self, writer: usize) -> bool {
        self.all[writer].under_way.is_some()
    }

    /// Nothing is left to be written.
    pub(super) fn are_done(&self) -> bool {
        let done = |writer: &Writer| {
            writer.proofs.is_empty() && writer.settlements.is_empty() && writer.switches.is_empty()
        };
        self.all.iter().all(done)
    }

    /// What is lost when nothing of it is written.
    pub(super) fn left(&self) -> Left {
        Left {
            outcomes: self.all.iter().map(|writer| writer.settlements.len()).sum(),
            evidence: self.all.iter().map(|writer| writer.proofs.len()).sum(),
            ..Left::default()
        }
    }

    /// The head, unless its lane's round trip is under way: then it is kept.
    pub(super) fn keep_while_busy(&mut self, head: Head) -> Option<Head> {
        let writer = self.of(head.lane);
        if writer.under_way.is_some() {
            writer.kept.push(head);
            return None;
        }
        Some(head)
    }

    /// The tax numbers that the others' round trips are about.
    pub(super) fn elsewhere(&self, writer: usize) -> BTreeSet<TaxId> {
        let others = self.all.iter().enumerate().filter(|(n, _)| *n != writer);
        others.filter_map(|(_, other)| other.under_way.as_ref()).flatten().copied().collect()
    }

    /// A round trip begins.
    pub(super) fn leave(&mut self, writer: usize, turn: &Turn) {
        let settled = turn.settlements.iter().map(|settlement| settlement.tax);
        let taxes = settled.chain(turn.picks.iter().map(|pick| pick.tax)).collect();
        self.all[writer].under_way = Some(taxes);
    }

    /// It is back: its tax numbers, and the heads that came meanwhile.
    pub(super) fn come_back(&mut self, writer: usize) -> (BTreeSet<TaxId>, Vec<Head>) {
        let taxes = self.all[writer].under_way.take().unwrap_or_default();
        for listener in &mut self.listeners {
            listener.writers.remove(&writer);
        }
        let told = self.listeners.extract_if(.., |listener| listener.writers.is_empty());
        for listener in told {
            // Whoever asked may have ended meanwhile.
            let _ = listener.reply.send(());
        }
        (taxes, std::mem::take(&mut self.all[writer].kept))
    }

    /// Says so when no round trip is under way any more that may start something in these lanes.
    pub(super) fn tell_when_idle(&mut self, lanes: &BTreeSet<LaneId>, reply: oneshot::Sender<()>) {
        let writers: BTreeSet<usize> = lanes.iter().map(|lane| self.index(*lane)).collect();
        let writers: BTreeSet<usize> = writers.into_iter().filter(|n| self.is_away(*n)).collect();
        if writers.is_empty() {
            // Whoever asked may have ended meanwhile.
            let _ = reply.send(());
        } else {
            self.listeners.push(Listener { writers, reply });
        }
    }
}
