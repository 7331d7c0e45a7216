//! One function for each thing that must hold, whatever happened.

use crate::{
    bureau::Bureau,
    life::Life,
    oracle::Oracle,
    sim::Violation,
    watch::{Seen, Watch},
};
use domain::{
    ids::{LaneId, TaskId, TaxId, WorkerId},
    task::{State, StateName},
};
use fleet::memory::Book;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use tokio::time::Instant;

/// How long a free lane may leave something runnable alone: a look a second, and the way.
const STARTS_WITHIN: Duration = Duration::from_millis(2_600);
/// How long lanes may stay without a living owner once every lease of the dead is over: with the
/// lease of 10 s that makes less than 15 s after a crash.
const TAKEN_OVER_WITHIN: Duration = Duration::from_secs(4);
/// How long keys may stay beyond their lease: the rescuer waits for a whole lease of its own.
const SERVED_WITHIN: Duration = Duration::from_secs(15);

fn violation(checker: &'static str, what: String) -> Option<Violation> {
    Some(Violation { checker, what })
}

/// I1 and I2: every task that keeps its tax number has exactly its keys, nobody else has any,
/// and no lane holds more than its width.
pub(crate) fn keys(book: &Book) -> Option<Violation> {
    let mut numbers: BTreeMap<TaxId, TaskId> = BTreeMap::new();
    for (task, row) in &book.tasks {
        let key = book.running.get(task);
        if row.state.keeps_tax_number() != key.is_some() {
            let what = format!("{task} is {} with keys {key:?}", row.state.name());
            return violation("I2", what);
        }
        let midway = row.submissions.iter().any(|one| one.is_answered());
        if midway && key.is_none() && !row.state.name().is_final() {
            let what = format!("{task} is {} with acts over and others due", row.state.name());
            return violation("I2", what);
        }
        let Some(key) = key else { continue };
        if let Some(other) = numbers.insert(key.tax, *task) {
            return violation("I2", format!("{task} and {other} both hold tax number {}", key.tax));
        }
        if row.tax != Some(key.tax) {
            return violation("I2", format!("{task} holds another tax number than its own"));
        }
    }
    let mut slots = BTreeSet::new();
    let mut widths: BTreeMap<LaneId, u16> = BTreeMap::new();
    for (task, key) in &book.running {
        let Some((lane, slot)) = key.slot else { continue };
        let taken = widths.entry(lane).or_default();
        *taken += 1;
        let width = book.lanes.get(&lane).map_or(0, |row| row.width);
        if *taken > width || !slots.insert((lane, slot)) {
            return violation(
                "I1",
                format!("{task} starts in lane {lane} beyond its width {width}"),
            );
        }
    }
    None
}

/// Places stay, what has ended has ended, and what is queued stands in a queue.
pub(crate) fn rows(watch: &mut Watch, book: &Book) -> Option<Violation> {
    for (task, row) in &book.tasks {
        let seen = Seen { state: row.state.name(), place: row.place };
        let before = watch.seen.insert(*task, seen);
        let was_done = before.is_some_and(|before| before.state == StateName::Done);
        if seen.state == StateName::Done && !was_done {
            watch.done.push(*task);
        }
        if let Some(before) = before {
            if before.place != seen.place {
                let what = format!("{task} moved from place {} to {}", before.place, seen.place);
                return violation("I3", what);
            }
            if before.state.is_final() && before.state != seen.state {
                let what = format!("{task} was {} and is {}", before.state, seen.state);
                return violation("I2", what);
            }
        }
        let queued = matches!(row.state, State::Queued);
        let stands = row.lane.zip(row.tax).and_then(|at| book.waiting.get(&at));
        let stands = stands.is_some_and(|queue| queue.contains_key(&(row.class(), row.place)));
        if queued != stands {
            let what = format!("{task} is {} and stands in a queue: {stands}", seen.state);
            return violation("I5", what);
        }
    }
    let gone = watch.seen.keys().find(|task| !book.tasks.contains_key(task));
    gone.and_then(|task| violation("I5", format!("{task} has vanished from the log")))
}

/// I9: every invoice of an unfinished selection is held by it, hence by it alone.
pub(crate) fn holds(book: &Book) -> Option<Violation> {
    for (task, row) in &book.tasks {
        let (Some(tax), Some(_)) = (row.tax, row.message.kind.action()) else { continue };
        if row.state.name().is_final() {
            continue;
        }
        for invoice in &row.message.invoices {
            let holder = book.holds.get(&(tax, invoice.key.clone()));
            if holder != Some(task) {
                let what = format!("{} of {task} is held by {holder:?}", invoice.key);
                return violation("I9", what);
            }
        }
    }
    let ended = |task: &TaskId| book.tasks.get(task).is_none_or(|row| row.state.name().is_final());
    let left = book.holds.iter().find(|(_, task)| ended(task));
    left.and_then(|((_, key), task)| violation("I9", format!("{key} is held by ended {task}")))
}

/// A worker that has been well for long enough to have done what is due.
fn somebody_well(lives: &[Arc<Life>], since: Instant, within: Duration) -> bool {
    let now = Instant::now();
    let could = |life: &Arc<Life>| {
        let from = life.well_since().max(since);
        !life.is_dead()
            && !life.stop.is_cancelled()
            && life.worker().is_some()
            && now.saturating_duration_since(from) > within
    };
    lives.iter().any(could)
}

/// I7: whoever asks has a lease, and where nobody asks it is known when somebody will.
pub(crate) fn leases(watch: &mut Watch, book: &Book, lives: &[Arc<Life>]) -> Option<Violation> {
    let mut overdue = BTreeMap::new();
    let now = Instant::now();
    for (task, key) in &book.running {
        let row = &book.tasks[task];
        let over = key.worker.is_some() && key.lease_until <= book.now();
        let needs_person = || row.lane.is_some_and(|lane| book.lanes[&lane].needs_person);
        if key.worker.is_none() && key.ask_at.is_none() {
            let parked = matches!(row.state, State::Parked { sent: true, .. });
            if !parked || !needs_person() {
                let what = format!("nobody will ask about {task}, which is {}", row.state.name());
                return violation("I7", what);
            }
        }
        if over {
            let since = watch.overdue.get(task).copied().unwrap_or(now);
            overdue.insert(*task, since);
            if somebody_well(lives, since, SERVED_WITHIN) {
                return violation("I7", format!("{task} is held beyond its lease by {key:?}"));
            }
        }
    }
    watch.overdue = overdue;
    None
}

/// Whether somebody whom the store still takes for alive is dead, or stands still.
fn haunted(book: &Book, lives: &[Arc<Life>]) -> bool {
    let now = Instant::now();
    let well = |worker: &WorkerId| {
        let mut of = lives.iter().filter(|life| life.worker() == Some(*worker));
        of.any(|life| !life.is_dead() && life.well_since() <= now)
    };
    let mut alive = book.workers.iter().filter(|(_, row)| row.lease_until > book.now());
    alive.any(|(worker, _)| !well(worker))
}

/// I7: a dead worker's lanes are served again soon after its lease is over.
pub(crate) fn served(watch: &mut Watch, book: &Book, lives: &[Arc<Life>]) -> Option<Violation> {
    let now = Instant::now();
    let alive: BTreeSet<WorkerId> =
        lives.iter().filter(|life| !life.is_dead()).filter_map(|life| life.worker()).collect();
    let haunted = haunted(book, lives);
    let mut unserved = BTreeMap::new();
    for (lane, row) in &book.lanes {
        if row.owner.is_some_and(|owner| alive.contains(&owner)) {
            continue;
        }
        let before = watch.unserved.get(lane).filter(|_| !haunted);
        let since = before.copied().unwrap_or(now);
        unserved.insert(*lane, since);
        if somebody_well(lives, since, TAKEN_OVER_WITHIN) {
            return violation("I7", format!("lane {} has no living owner", row.key));
        }
    }
    watch.unserved = unserved;
    None
}

/// I4: a free lane whose owner is well starts what nothing hinders.
pub(crate) fn idle(
    watch: &mut Watch,
    oracle: &Oracle<'_>,
    lives: &[Arc<Life>],
) -> Option<Violation> {
    let now = Instant::now();
    let startable = oracle.startable(watch.limits, &watch.planner);
    let mut idle = BTreeMap::new();
    for (lane, task) in startable {
        let owner = oracle.book.lanes[&lane].owner;
        let life = lives.iter().find(|life| life.worker() == owner && !life.is_dead());
        let Some(life) = life.filter(|life| !life.stop.is_cancelled()) else { continue };
        if asks_first(oracle.book, lane) {
            continue;
        }
        let before = watch.idle.get(&lane).filter(|(was, of, _)| (*was, *of) == (task, owner));
        let since = before.map_or(now, |(.., since)| *since);
        idle.insert(lane, (task, owner, since));
        let from = since.max(life.well_since());
        if now.saturating_duration_since(from) > STARTS_WITHIN {
            let key = &oracle.book.lanes[&lane].key;
            let what =
                format!("{task} does not start in idle lane {key} (l{lane}) of {}", life.name);
            return violation("I4", what);
        }
    }
    watch.idle = idle;
    None
}

/// Something sent earlier is due to be asked about in this lane: that goes first.
fn asks_first(book: &Book, lane: LaneId) -> bool {
    book.running.iter().any(|(task, key)| {
        key.worker.is_none()
            && key.ask_at.is_some_and(|at| at <= book.now())
            && book.tasks[task].lane == Some(lane)
    })
}

/// I6, and I2 as the bureau sees it.
pub(crate) fn referee(bureau: &mut Bureau) -> Option<Violation> {
    if let Some(task) = bureau.referee.duplicate() {
        return violation("I6", format!("two submissions of {task} took effect"));
    }
    if let Some(task) = bureau.referee.out_of_order() {
        return violation("I6", format!("the acts of {task} took effect out of their order"));
    }
    let overlap = bureau.referee.overlaps.first();
    overlap.and_then(|(one, other)| {
        violation("I2", format!("the bureau worked for {one} when {other} of its number came"))
    })
}

/// I5 and I6 at the end: the log and the bureau agree, task by task.
pub(crate) fn agreement(book: &Book, bureau: &Bureau) -> Option<Violation> {
    for (task, row) in &book.tasks {
        let effects = bureau.referee.own_effects(*task);
        let state = row.state.name();
        let acts = row.message.kind.acts_at_bureau() && row.message.kind.traits().needs_lane;
        let agree = match state {
            StateName::Done => effects == usize::from(acts),
            StateName::Refused | StateName::Cancelled => effects == 0,
            StateName::Failed => row.unknown || effects == 0,
            _ => true,
        };
        if !agree {
            let unknown = row.unknown;
            let what = format!("{task} is {state} (unknown: {unknown}) with {effects} effects");
            return violation("I6", what);
        }
    }
    None
}
