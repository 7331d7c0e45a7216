//! The store's calls whose protocol matters, each with the twins that break it, and the checks
//! of what a call answered.
//!
//! A twin changes what a call is asked, or the rows right before or after it. All within one
//! poll, so that to the workers it is one broken operation.

use crate::{claims, sim::Sim};
use domain::{
    ids::{Place, TaskId, WorkerId},
    invoice::PoolNews,
    task::{State, StateName},
};
use fleet::{
    memory::Book,
    ports::{
        StoreError,
        crew::{Crew, Mark, News},
        log::{
            Appended, NewTask, Proof, RescueLimits, Rescued, Settlement, TaskLog, Turn,
            TurnOutcome, Verdict, Work,
        },
    },
};
use std::{collections::BTreeSet, time::Duration};

/// A broken variant of one rule.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Twin {
    /// The claim does not look for higher classes in other lanes.
    NoClassCheck,
    /// The claim decides by what it saw when the call began.
    NoRowLock,
    /// The claim does not take the lane's key.
    NoLaneKey,
    /// A settlement is written whoever holds the keys.
    NoFence,
    /// Reading back raises no fence, and the quiet time is zero.
    AbsentBelieved,
    /// The park does not compare the epoch that it used.
    ParkWithoutEpoch,
    /// An append of a retry does not write who retried.
    RetryWithoutMark,
    /// Receipts are not written down.
    ReceiptForgotten,
    /// The intent of what cannot be read back is not written down.
    IntentForgotten,
    /// The tax number is free once the bureau has accepted.
    KeyFreedEarly,
    /// No hint arrives, and nobody looks.
    HintsReliedUpon,
    /// A parked task goes to the end of its queue.
    PlaceLost,
    /// The rescuer takes what living workers hold.
    LeaseIgnored,
    /// Deliveries are acknowledged when they come.
    AcknowledgedBeforeLogged,
    /// What a worker had received when it lost its number is not received again.
    NotRecovered,
    /// An append does not hold its invoices.
    HoldsForgotten,
    /// The claim says another reason than `why`.
    AnotherReason,
    /// What the bureau said of the use of invoices does not reach the pool.
    UseForgotten,
}

impl Twin {
    pub(crate) const ALL: [Twin; 18] = [
        Twin::NoClassCheck,
        Twin::NoRowLock,
        Twin::NoLaneKey,
        Twin::NoFence,
        Twin::AbsentBelieved,
        Twin::ParkWithoutEpoch,
        Twin::RetryWithoutMark,
        Twin::ReceiptForgotten,
        Twin::IntentForgotten,
        Twin::KeyFreedEarly,
        Twin::HintsReliedUpon,
        Twin::PlaceLost,
        Twin::LeaseIgnored,
        Twin::AcknowledgedBeforeLogged,
        Twin::NotRecovered,
        Twin::HoldsForgotten,
        Twin::AnotherReason,
        Twin::UseForgotten,
    ];
}

pub(crate) async fn append(sim: &Sim, tasks: &[NewTask]) -> Result<Vec<Appended>, StoreError> {
    if sim.twin == Some(Twin::RetryWithoutMark) {
        let originals = tasks.iter().filter_map(|task| task.message.retry_of);
        let originals: BTreeSet<TaskId> = originals.collect();
        sim.store.alter(|book| book.retries.retain(|original, _| !originals.contains(original)));
    }
    if sim.twin == Some(Twin::HoldsForgotten) {
        sim.store.alter(|book| book.holds.clear());
    }
    let appended = sim.store.append(tasks).await?;
    claims::check_retries(sim);
    Ok(appended)
}

/// What was waiting when a call began.
pub(crate) fn snapshot(sim: &Sim, turn: &Turn) -> BTreeSet<TaskId> {
    if sim.twin != Some(Twin::NoRowLock) {
        return BTreeSet::new();
    }
    let waits = |book: &Book, task: &TaskId| {
        book.tasks.get(task).is_some_and(|row| matches!(row.state, State::Queued))
    };
    let picked = turn.picks.iter().map(|pick| pick.task);
    sim.store.inspect(|book| picked.filter(|task| waits(book, task)).collect())
}

pub(crate) async fn turn(
    sim: &Sim,
    worker: WorkerId,
    lease: Duration,
    turn: &Turn,
    stale: BTreeSet<TaskId>,
) -> Result<TurnOutcome, StoreError> {
    let asked = asked(sim, turn);
    let hidden = before(sim, turn, &stale);
    let holders = claims::Holders::of(sim, turn);
    let mut outcome = sim.store.turn(worker, lease, &asked).await?;
    after(sim, turn, &mut outcome, hidden);
    holders.check(sim, worker, turn, &outcome);
    Ok(outcome)
}

/// The turn as a twin asks it.
fn asked(sim: &Sim, turn: &Turn) -> Turn {
    let mut asked = turn.clone();
    match sim.twin {
        Some(Twin::NoFence) => {
            for settlement in &mut asked.settlements {
                let current = |book: &Book| book.running.get(&settlement.task).map(|key| key.fence);
                if let Some(fence) = sim.store.inspect(current) {
                    settlement.fence = fence;
                }
            }
        }
        Some(Twin::ParkWithoutEpoch) => {
            for settlement in &mut asked.settlements {
                if let Verdict::Park { epoch, .. } = &mut settlement.verdict {
                    epoch.0 = i64::MAX - 1;
                }
            }
        }
        Some(Twin::UseForgotten) => {
            for settlement in &mut asked.settlements {
                if let Verdict::Final { pool, .. } = &mut settlement.verdict {
                    pool.retain(|change| !matches!(change.news, PoolNews::Read(_)));
                }
            }
        }
        Some(Twin::ReceiptForgotten) => {
            // It is answered as if it had been written.
            for evidence in &mut asked.evidence {
                if matches!(evidence.what, Proof::Receipt(_)) {
                    evidence.what = Proof::Answer(String::new());
                    evidence.fence.0 = -1;
                }
            }
        }
        Some(Twin::IntentForgotten) => {
            asked
                .evidence
                .iter_mut()
                .filter(|evidence| evidence.what == Proof::Sending)
                .for_each(|evidence| evidence.task = TaskId(uuid::Uuid::nil()));
        }
        _ => {}
    }
    asked
}

type Hidden =
    Vec<((domain::ids::LaneId, domain::ids::TaxId), (domain::kind::Class, Place), TaskId)>;

/// What a twin does to the rows before a turn.
fn before(sim: &Sim, turn: &Turn, stale: &BTreeSet<TaskId>) -> Hidden {
    match sim.twin {
        Some(Twin::NoClassCheck) => sim.store.alter(|book| hide_rivals(book, turn)),
        Some(Twin::NoRowLock) => {
            sim.store.alter(|book| revive(book, stale));
            Vec::new()
        }
        Some(Twin::NoLaneKey) => {
            sim.store.alter(|book| book.by_slot.clear());
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn hide_rivals(book: &mut Book, turn: &Turn) -> Hidden {
    let mut hidden = Vec::new();
    for pick in &turn.picks {
        for (at, queue) in &mut book.waiting {
            if at.1 == pick.tax && at.0 != pick.lane {
                hidden
                    .extend(std::mem::take(queue).into_iter().map(|(order, id)| (*at, order, id)));
            }
        }
    }
    book.waiting.retain(|_, queue| !queue.is_empty());
    hidden
}

/// What was seen waiting still waits, whatever has become of it.
fn revive(book: &mut Book, stale: &BTreeSet<TaskId>) {
    for task in stale {
        let Some(row) = book.tasks.get_mut(task) else { continue };
        let (Some(lane), Some(tax)) = (row.lane, row.tax) else { continue };
        if row.state.name().is_final() {
            row.state = State::Queued;
            let order = (row.class(), row.place);
            book.waiting.entry((lane, tax)).or_default().insert(order, *task);
        }
    }
}

/// What a twin does to the rows, and the answer, after a turn.
fn after(sim: &Sim, turn: &Turn, outcome: &mut TurnOutcome, hidden: Hidden) {
    if !hidden.is_empty() {
        sim.store.alter(|book| {
            for (at, order, task) in hidden {
                book.waiting.entry(at).or_default().insert(order, task);
            }
        });
    }
    match sim.twin {
        Some(Twin::ReceiptForgotten | Twin::IntentForgotten) => {
            for (evidence, current) in turn.evidence.iter().zip(&mut outcome.evidence) {
                *current |= matches!(evidence.what, Proof::Receipt(_) | Proof::Sending);
            }
        }
        Some(Twin::KeyFreedEarly) => {
            let accepted = turn.evidence.iter().filter(|one| matches!(one.what, Proof::Receipt(_)));
            sim.store.alter(|book| accepted.for_each(|one| free_number(book, one.task)));
        }
        Some(Twin::PlaceLost) => {
            sim.store.alter(|book| turn.settlements.iter().for_each(|one| lose_place(book, one)));
        }
        Some(Twin::AnotherReason) => {
            for claimed in &mut outcome.claimed {
                claims::say_something_else(claimed);
            }
        }
        _ => {}
    }
}

fn free_number(book: &mut Book, task: TaskId) {
    if let Some(key) = book.running.get(&task) {
        let tax = key.tax;
        book.by_tax.remove(&tax);
        book.running.remove(&task);
    }
}

fn lose_place(book: &mut Book, settlement: &Settlement) {
    if !matches!(settlement.verdict, Verdict::Park { .. }) {
        return;
    }
    let last = book.tasks.values().map(|row| row.place).max();
    let Some(row) = book.tasks.get_mut(&settlement.task) else { return };
    if row.state.name() == StateName::Parked
        && let Some(last) = last
    {
        row.place = Place(last.0 + 1);
    }
}

pub(crate) async fn take_up(
    sim: &Sim,
    worker: WorkerId,
    lease: Duration,
    limit: usize,
) -> Result<Vec<Work>, StoreError> {
    sim.store.take_up(worker, lease, limit).await
}

pub(crate) async fn rescue(
    sim: &Sim,
    worker: WorkerId,
    limits: RescueLimits,
) -> Result<Vec<Rescued>, StoreError> {
    if sim.twin == Some(Twin::LeaseIgnored) && sim.dice.once_in(20) {
        sim.store.alter(|book| {
            let now = book.now();
            book.running.values_mut().for_each(|key| key.lease_until = now);
        });
    }
    let living = claims::living_holders(sim);
    let rescued = sim.store.rescue(worker, limits).await?;
    claims::check_rescued(sim, &living, &rescued);
    Ok(rescued)
}

pub(crate) async fn news(sim: &Sim, worker: WorkerId, mark: Mark) -> Result<News, StoreError> {
    let news = sim.store.news(worker, mark).await?;
    match sim.twin {
        Some(Twin::HintsReliedUpon) => Ok(News { mark, ..News::default() }),
        _ => Ok(news),
    }
}
