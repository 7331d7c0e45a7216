//! What the bureau itself saw; it knows nothing of our log.

use domain::{Moment, ids::TaskId, kind::Kind, tax_no::TaxNo};
use std::collections::BTreeMap;

/// Counts, and what took effect for whom.
#[derive(Debug, Default)]
pub(crate) struct Referee {
    /// When submissions of a task took effect.
    pub(crate) effects: BTreeMap<TaskId, Vec<Moment>>,
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

    pub(super) fn effect(&mut self, task: TaskId, at: Moment) {
        self.effects.entry(task).or_default().push(at);
    }

    /// The first task of which two submissions took effect.
    pub(crate) fn duplicate(&self) -> Option<TaskId> {
        self.effects.iter().find(|(_, times)| times.len() > 1).map(|(task, _)| *task)
    }
}
