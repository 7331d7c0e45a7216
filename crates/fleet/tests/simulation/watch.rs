//! The checkers: after every step, on everything at once.

use crate::{
    checks,
    life::Life,
    oracle::Oracle,
    pool,
    sim::{Sim, Violation},
};
use domain::{
    answer::Answer,
    ids::{LaneId, Place, TaskId, WorkerId},
    kind::Kind,
    schedule::{PlannerSettings, SwitchLimits},
    task::StateName,
};
use fleet::memory::Book;
use std::{collections::BTreeMap, sync::Arc};
use tokio::time::Instant;

/// What the checkers remember from step to step.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    pub(crate) limits: Option<SwitchLimits>,
    pub(crate) planner: PlannerSettings,
    pub(crate) seen: BTreeMap<TaskId, Seen>,
    /// By lane: what could have started, for which owner, and since when.
    pub(crate) idle: BTreeMap<LaneId, (TaskId, Option<WorkerId>, Instant)>,
    /// Since when nobody alive has had the lane.
    pub(crate) unserved: BTreeMap<LaneId, Instant>,
    /// Since when keys have stood beyond their lease.
    pub(crate) overdue: BTreeMap<TaskId, Instant>,
    /// Tasks that have succeeded since the last step.
    pub(crate) done: Vec<TaskId>,
    /// Of each task: its sends, and whether the bureau said that nothing came of them.
    sends: BTreeMap<TaskId, Vec<bool>>,
}

/// A task as it was after the last step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) state: StateName,
    pub(crate) place: Place,
}

impl Watch {
    pub(crate) fn look(&mut self, sim: &Sim) -> Option<Violation> {
        if let Some(what) = crate::panics::taken() {
            return Some(Violation { checker: "panic", what });
        }
        let lives: Vec<Arc<Life>> = sim.lives().clone();
        let found = sim.store.inspect(|book| {
            let oracle = Oracle::new(book);
            checks::keys(book)
                .or_else(|| checks::rows(self, book))
                .or_else(|| checks::holds(book))
                .or_else(|| checks::leases(self, book, &lives))
                .or_else(|| checks::served(self, book, &lives))
                .or_else(|| checks::idle(self, &oracle, &lives))
        });
        let done = std::mem::take(&mut self.done);
        let mut bureau = sim.bureau();
        found
            .or_else(|| checks::referee(&mut bureau))
            .or_else(|| sim.store.inspect(|book| pool::left_behind(book, &bureau, &done)))
    }

    /// A submission is about to be sent. What cannot be read back is sent again only after the
    /// bureau itself said that nothing came of the times before.
    pub(crate) fn sends(&mut self, task: TaskId, kind: Kind) -> Option<Violation> {
        let sends = self.sends.entry(task).or_default();
        let again = !kind.can_be_read_back() && sends.iter().any(|nothing| !nothing);
        sends.push(false);
        let what = format!("{kind} {task} is sent again without proof");
        again.then_some(Violation { checker: "I6", what })
    }

    /// The answer to the latest send has reached the worker.
    pub(crate) fn answered(&mut self, task: TaskId, answer: &Answer) {
        let nothing = matches!(
            answer,
            Answer::Faltered { .. }
                | Answer::Throttled { .. }
                | Answer::LoggedOut { .. }
                | Answer::Refused { .. }
                | Answer::Stale
        );
        if let Some(last) = self.sends.get_mut(&task).and_then(|sends| sends.last_mut()) {
            *last |= nothing;
        }
    }
}

/// Whether this message stands in the log, or among the rejected.
pub(crate) fn is_logged(sim: &Sim, body: &[u8]) -> bool {
    let message = domain::task::TaskMessage::parse(body).ok();
    let same = |book: &Book| {
        let hash = domain::task::body_hash(body);
        message.as_ref().is_some_and(|message| {
            book.tasks.get(&message.task_id).is_some_and(|row| row.body_hash == hash)
        })
    };
    sim.store.inspect(same) || sim.bus.rejected().iter().any(|(rejected, _)| **rejected == *body)
}
