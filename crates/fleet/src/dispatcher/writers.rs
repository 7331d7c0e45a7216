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
    /// Those of them whose keys another's round trip has freed meanwhile: a claim that was refused
    /// for them may succeed now.
    freed: BTreeSet<TaxId>,
    /// Heads that came meanwhile.
    kept: Vec<Head>,
}

/// What is to be done when a round trip is back.
#[derive(Debug, Default)]
pub(super) struct Back {
    /// The tax numbers that it was about.
    pub taxes: BTreeSet<TaxId>,
    pub freed: BTreeSet<TaxId>,
    pub kept: Vec<Head>,
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

    /// It is back, and has settled tasks of these tax numbers.
    pub(super) fn come_back(&mut self, writer: usize, settled: &[TaxId]) -> Back {
        let mine = &mut self.all[writer];
        let taxes = mine.under_way.take().unwrap_or_default();
        let (freed, kept) = (std::mem::take(&mut mine.freed), std::mem::take(&mut mine.kept));
        for other in &mut self.all {
            let Some(about) = &other.under_way else { continue };
            other.freed.extend(settled.iter().filter(|tax| about.contains(tax)));
        }
        for listener in &mut self.listeners {
            listener.writers.remove(&writer);
        }
        let told = self.listeners.extract_if(.., |listener| listener.writers.is_empty());
        for listener in told {
            // Whoever asked may have ended meanwhile.
            let _ = listener.reply.send(());
        }
        Back { taxes, freed, kept }
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

#[cfg(test)]
mod tests {
    use super::Writers;
    use crate::ports::log::{Head, Pick, Turn};
    use domain::{
        Moment,
        ids::{LaneId, Place, Slot, TaskId, TaxId},
        kind::Class,
    };
    use std::collections::BTreeSet;
    use tokio::sync::oneshot;

    /// Lanes of two different writers.
    const MINE: LaneId = LaneId(2);
    const OTHER: LaneId = LaneId(3);

    fn task(n: u128) -> TaskId {
        TaskId(uuid::Uuid::from_u128(n))
    }

    fn head(lane: LaneId) -> Head {
        Head {
            task: task(1),
            lane,
            tax: TaxId(1),
            class: Class::Selection,
            place: Place(1),
            since: Moment::UNIX_EPOCH,
        }
    }

    fn claiming(lane: LaneId, tax: TaxId) -> Turn {
        let pick = Pick { task: task(2), lane, tax, slot: Slot(0) };
        Turn { picks: vec![pick], ..Turn::default() }
    }

    fn two() -> (Writers, usize, usize) {
        let writers = Writers::new(2);
        let (mine, other) = (writers.index(MINE), writers.index(OTHER));
        assert_ne!(mine, other);
        (writers, mine, other)
    }

    #[test]
    fn what_a_round_trip_is_about_is_elsewhere_for_the_others_until_it_is_back() {
        let (mut writers, mine, other) = two();
        writers.leave(mine, &claiming(MINE, TaxId(7)));
        assert_eq!(writers.elsewhere(other), BTreeSet::from([TaxId(7)]));
        assert_eq!(writers.elsewhere(mine), BTreeSet::new());
        assert_eq!(writers.come_back(mine, &[]).taxes, BTreeSet::from([TaxId(7)]));
        assert_eq!(writers.elsewhere(other), BTreeSet::new());
    }

    #[test]
    fn keys_that_are_freed_during_a_claim_of_them_are_told_when_it_is_back() {
        let (mut writers, mine, other) = two();
        writers.leave(mine, &claiming(MINE, TaxId(7)));
        writers.leave(other, &claiming(OTHER, TaxId(8)));
        assert_eq!(writers.come_back(other, &[TaxId(7), TaxId(8)]).freed, BTreeSet::new());
        assert_eq!(writers.come_back(mine, &[]).freed, BTreeSet::from([TaxId(7)]));
        writers.leave(mine, &claiming(MINE, TaxId(7)));
        assert_eq!(writers.come_back(mine, &[]).freed, BTreeSet::new(), "told once");
    }

    #[test]
    fn heads_that_come_during_their_lanes_round_trip_are_kept_until_it_is_back() {
        let (mut writers, mine, _) = two();
        assert!(writers.keep_while_busy(head(MINE)).is_some());
        writers.leave(mine, &claiming(MINE, TaxId(7)));
        assert!(writers.keep_while_busy(head(MINE)).is_none());
        assert!(writers.keep_while_busy(head(OTHER)).is_some(), "another writer's lane");
        assert_eq!(writers.come_back(mine, &[]).kept, [head(MINE)]);
        assert!(writers.keep_while_busy(head(MINE)).is_some());
    }

    #[test]
    fn a_lane_is_idle_when_its_own_writer_is_back() {
        let (mut writers, mine, other) = two();
        let ask = |writers: &mut Writers, lane| {
            let (reply, idle) = oneshot::channel();
            writers.tell_when_idle(&BTreeSet::from([lane]), reply);
            idle
        };
        assert_eq!(ask(&mut writers, MINE).try_recv(), Ok(()));
        writers.leave(mine, &claiming(MINE, TaxId(7)));
        assert_eq!(ask(&mut writers, OTHER).try_recv(), Ok(()));
        writers.leave(other, &claiming(OTHER, TaxId(8)));
        let mut idle = ask(&mut writers, MINE);
        writers.come_back(other, &[]);
        assert!(idle.try_recv().is_err(), "its own is still under way");
        writers.come_back(mine, &[]);
        assert_eq!(idle.try_recv(), Ok(()));
    }
}
