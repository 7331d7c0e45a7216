//! What the bureau itself saw; it knows nothing of our log.

use domain::{Moment, ids::TaskId, kind::Kind, task::Act, tax_no::TaxNo};
use std::collections::BTreeMap;

/// Counts, and what took effect for whom.
#[derive(Debug, Default)]
pub(crate) struct Referee {
    /// When submissions of a task's acts took effect.
    pub(crate) effects: BTreeMap<TaskId, Vec<(Act, Moment)>>,
    /// Of each task that was submitted.
    pub(crate) kinds: BTreeMap<TaskId, Kind>,
    /// Who acts for a tax number, until then.
    acting: BTreeMap<TaxNo, (TaskId, Moment)>,
    /// Two tasks acted for one tax number at the same time.
    pub(crate) overlaps: Vec<(TaskId, TaskId)>,
    pub(crate) stale_refused: u64,
    /// Submissions that reached an account while it was on another tax number.
    pub(crate) wrong_number: u64,
    pub(crate) switch_limit_hits: u64,
    pub(crate) statistic_queries: u64,
}

impl Referee {
    /// A submission was taken at `now` and takes effect at `until`.
    pub(super) fn taken(
        &mut self,
        task: TaskId,
        kind: Kind,
        tax_no: &TaxNo,
        now: Moment,
        until: Moment,
    ) {
        self.kinds.insert(task, kind);
        if !kind.acts_at_bureau() {
            return;
        }
        let before = self.acting.get(tax_no).filter(|(other, end)| *end > now && *other != task);
        if let Some((other, _)) = before {
            self.overlaps.push((*other, task));
        }
        self.acting.insert(tax_no.clone(), (task, until));
    }

    pub(super) fn effect(&mut self, task: TaskId, act: Act, at: Moment) {
        self.effects.entry(task).or_default().push((act, at));
    }

    /// The first task of which two submissions of one act, or what it is for twice, took effect.
    pub(crate) fn duplicate(&self) -> Option<TaskId> {
        let same = |one: Act, other: Act| {
            one == other || (one.is_the_tasks_own() && other.is_the_tasks_own())
        };
        let twice = |effects: &[(Act, Moment)]| {
            effects
                .iter()
                .enumerate()
                .any(|(n, (act, _))| effects[..n].iter().any(|(other, _)| same(*act, *other)))
        };
        self.effects.iter().find(|(_, effects)| twice(effects)).map(|(task, _)| *task)
    }

    /// How often what the task is for took effect.
    pub(crate) fn own_effects(&self, task: TaskId) -> usize {
        let effects = self.effects.get(&task).into_iter().flatten();
        effects.filter(|(act, _)| act.is_the_tasks_own()).count()
    }

    /// The first task of which an act took effect before one that comes before it.
    pub(crate) fn out_of_order(&self) -> Option<TaskId> {
        let late = |effects: &[(Act, Moment)]| {
            let pairs = effects.iter().zip(effects.iter().skip(1));
            pairs.into_iter().any(|((before, early), (after, late))| before > after || early > late)
        };
        self.effects.iter().find(|(_, effects)| late(effects)).map(|(task, _)| *task)
    }
}
