//! What the store answered, compared with what its rows say.

use crate::{
    life::Life,
    oracle::Oracle,
    sim::{Sim, Violation},
};
use domain::{
    ids::{Fence, LaneId, TaskId, TaxId, WorkerId},
    schedule::Hindrance,
};
use fleet::{
    memory::Book,
    ports::log::{Claimed, Proof, Rescued, Settled, Turn, TurnOutcome},
};
use std::collections::{BTreeMap, BTreeSet};

/// Who held what right before a turn.
#[derive(Debug)]
pub(crate) struct Holders(BTreeMap<TaskId, (Fence, Option<WorkerId>)>);

fn violation(checker: &'static str, what: String) -> Option<Violation> {
    Some(Violation { checker, what })
}

impl Holders {
    pub(crate) fn of(sim: &Sim, turn: &Turn) -> Holders {
        let tasks = turn.settlements.iter().map(|one| one.task);
        let tasks = tasks.chain(turn.evidence.iter().map(|one| one.task));
        let holder = |book: &Book, task: &TaskId| {
            book.running.get(task).map(|key| (*task, (key.fence, key.worker)))
        };
        Holders(sim.store.inspect(|book| tasks.filter_map(|task| holder(book, &task)).collect()))
    }

    pub(crate) fn check(&self, sim: &Sim, worker: WorkerId, turn: &Turn, outcome: &TurnOutcome) {
        for _ in outcome.settled.iter().filter(|settled| **settled == Settled::Stale) {
            sim.history().count("stale_settlement_refused");
        }
        let found = self
            .stale_writes(turn, outcome)
            .or_else(|| sim.store.inspect(|book| evidence_kept(book, turn)))
            .or_else(|| sim.store.inspect(|book| admitted(book, worker, turn, outcome)));
        if let Some(violation) = found {
            sim.violated(violation);
        }
    }

    /// A settlement is written only under the fence that holds the keys.
    fn stale_writes(&self, turn: &Turn, outcome: &TurnOutcome) -> Option<Violation> {
        for (settlement, settled) in turn.settlements.iter().zip(&outcome.settled) {
            let holder = self.0.get(&settlement.task);
            let current = holder
                .is_some_and(|(fence, worker)| *fence == settlement.fence && worker.is_some());
            if matches!(settled, Settled::Written { .. }) && !current {
                let what = format!(
                    "{} was settled under f{} while {holder:?} held it",
                    settlement.task, settlement.fence
                );
                return violation("I2", what);
            }
        }
        None
    }
}

/// What a holder learned is kept, whoever holds the keys.
fn evidence_kept(book: &Book, turn: &Turn) -> Option<Violation> {
    for evidence in &turn.evidence {
        let Some(row) = book.tasks.get(&evidence.task) else { continue };
        let mine = row.submissions.iter().filter(|one| one.fence == evidence.fence);
        let kept = match &evidence.what {
            Proof::Receipt(receipt) => {
                mine.into_iter().any(|one| one.receipt.as_ref() == Some(receipt))
            }
            _ => true,
        };
        if !kept {
            let what = format!("the receipt of {} f{} is lost", evidence.task, evidence.fence);
            return violation("I5", what);
        }
    }
    None
}

/// I3: what started was allowed to; I8: what did not, says why in the words of `why`.
fn admitted(
    book: &Book,
    worker: WorkerId,
    turn: &Turn,
    outcome: &TurnOutcome,
) -> Option<Violation> {
    let oracle = Oracle::new(book);
    let started: BTreeSet<(LaneId, TaxId)> = turn
        .picks
        .iter()
        .zip(&outcome.claimed)
        .filter(|(_, claimed)| matches!(claimed, Claimed::Started(_)))
        .map(|(pick, _)| (pick.lane, pick.tax))
        .collect();
    for (pick, claimed) in turn.picks.iter().zip(&outcome.claimed) {
        let row = book.tasks.get(&pick.task)?;
        let found = match claimed {
            Claimed::Started(_) => {
                let before =
                    oracle.goes_before(pick.task, row.class(), row.place, pick.lane, pick.tax);
                let what = |rival| format!("{} started though a {rival} task waits", pick.task);
                before.and_then(|rival| violation("I3", what(rival)))
            }
            Claimed::Hindered(hindrance) => {
                let touched =
                    started.iter().any(|(lane, tax)| *lane == pick.lane || *tax == pick.tax);
                let owned = book.lanes[&pick.lane].owner == Some(worker);
                let said = hindrance.code();
                let why = oracle.why(pick.task);
                // A slot of a wide lane may be taken while another is free.
                let slot = said == "lane_busy" && book.lanes[&pick.lane].width > 1;
                // What parked meanwhile does not wait in a queue any more.
                let gone = said == "gone" && why == "offline";
                let differs = said != why && !touched && owned && !slot && !gone;
                let what = format!("{} is refused for {said}, and waits for {why}", pick.task);
                if differs { violation("I8", what) } else { None }
            }
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// A failed task has one retry, for ever.
pub(crate) fn check_retries(sim: &Sim) {
    let twice = sim.store.inspect(|book| {
        let mut retries: BTreeMap<TaskId, TaskId> = BTreeMap::new();
        for (task, row) in &book.tasks {
            let Some(original) = row.message.retry_of else { continue };
            if let Some(other) = retries.insert(original, *task) {
                return Some(format!("{original} was retried as {other} and as {task}"));
            }
            if book.tasks.get(&original).is_some_and(|failed| failed.unknown) {
                return Some(format!("{original}, whose outcome is unknown, was retried"));
            }
        }
        None
    });
    if let Some(what) = twice {
        sim.violated(Violation { checker: "I6", what });
    }
}

/// Tasks whose holder has renewed in time, as the worker processes themselves know it.
pub(crate) fn living_holders(sim: &Sim) -> BTreeSet<TaskId> {
    let now = tokio::time::Instant::now();
    let lease = std::time::Duration::from_secs(10);
    let well: BTreeSet<WorkerId> = sim
        .lives()
        .iter()
        .filter(|life| !life.is_dead() && now.saturating_duration_since(life.well_since()) > lease)
        .filter_map(|life| life.worker())
        .collect();
    let held = |book: &Book| {
        let living = book.running.iter().filter(|(_, key)| {
            let fresh = (book.now() - key.since).to_std().is_ok_and(|age| age < lease);
            fresh && key.worker.is_some_and(|worker| well.contains(&worker))
        });
        living.map(|(task, _)| *task).collect()
    };
    sim.store.inspect(held)
}

/// Nothing is taken from those who live.
pub(crate) fn check_rescued(sim: &Sim, living: &BTreeSet<TaskId>, rescued: &[Rescued]) {
    let taken = rescued.iter().find(|one| living.contains(&one.task));
    if let Some(one) = taken {
        let what = format!("{} was taken from a living worker", one.task);
        sim.violated(Violation { checker: "I7", what });
    }
}

/// A claim that gives another reason than the true one.
pub(crate) fn say_something_else(claimed: &mut Claimed) {
    if matches!(claimed, Claimed::Hindered(Hindrance::TaxBusy { .. })) {
        *claimed = Claimed::Hindered(Hindrance::AboutToStart);
    }
}

/// Who was asked to end holds nothing any more.
pub(crate) fn check_drained(sim: &Sim, life: &Life) {
    let Some(worker) = life.worker() else { return };
    let troubled = tokio::time::Instant::now().saturating_duration_since(life.well_since());
    if troubled < std::time::Duration::from_secs(25) {
        // Keys of a claim whose answer was lost are unknown to it and run out.
        return;
    }
    let left = sim.store.inspect(|book| {
        let mut held = book.running.iter().filter(|(_, key)| key.worker == Some(worker));
        held.next().map(|(task, _)| *task)
    });
    if let Some(task) = left {
        let what = format!("{} has drained and still holds {task}", life.name);
        sim.violated(Violation { checker: "I7", what });
    }
}
