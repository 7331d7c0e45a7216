//! Which tax number an account works for next.
//!
//! A *visit* is the time an account spends on one tax number; changing it is a switch, and
//! switches are scarce. The policy, its reasons and what it reaches on the study's workloads
//! stand in `docs/SWITCHING.md`.

mod forecast;
mod history;

pub use forecast::{Backlog, Forecast, forecast};
pub use history::{SwitchHistory, SwitchLimits};

use crate::{
    Moment,
    ids::{Place, TaxId},
    kind::Class,
};
use chrono::TimeDelta;

/// What waits for one tax number in a lane, of which at least one task is runnable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NumberView {
    pub tax: TaxId,
    /// The head: the waiting task of the highest class, then of the earliest place.
    pub head_class: Class,
    pub head_place: Place,
    /// Since when the head has been waiting.
    pub head_since: Moment,
    /// When the tax number's latest waiting task arrived. Where that is not known, the
    /// head's own arrival: the visit is then planned a little early.
    pub newest: Moment,
}

/// A lane of width 1 at a moment when it is free to start something.
#[derive(Clone, Copy, Debug)]
pub struct LaneView<'a> {
    pub now: Moment,
    /// The tax number its account is logged in to.
    pub current: Option<TaxId>,
    /// None: switching costs nothing.
    pub limits: Option<SwitchLimits>,
    pub history: &'a SwitchHistory,
    /// The tax numbers that could start a task now, each once, in any order.
    pub numbers: &'a [NumberView],
}

/// What the lane's account does next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Visit {
    /// Start the head of the current tax number.
    Stay,
    /// Switch, then start the head of this tax number.
    SwitchTo(TaxId),
    /// Nothing before then, unless something new arrives. Always later than now.
    WaitUntil(Moment),
    /// Nothing is runnable.
    Idle,
}

/// How the planner weighs what it does not know: whether more is about to arrive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PlannerSettings {
    /// Switches kept for filings while work arrives in the lane.
    pub busy_reserve: SwitchLimits,
    /// Switches kept for filings while the lane is quiet.
    pub quiet_reserve: SwitchLimits,
    /// Where this many switches are left after a visit to each waiting tax number, there is
    /// no need to save: nobody waits for quiet then.
    pub ample: SwitchLimits,
    /// A tax number, or a whole lane, for which nothing has arrived for this long is quiet:
    /// its burst is over, a visit now finishes its work.
    pub quiet_after: TimeDelta,
    /// Whatever has waited this much longer than a filing goes before that filing.
    pub patience: TimeDelta,
    /// A visit this long ends for a filing or an issuing elsewhere, if its own head is lower.
    pub yield_to_urgent_after: TimeDelta,
    /// A visit this long ends for anything elsewhere.
    pub yield_after: TimeDelta,
}

impl Default for PlannerSettings {
    fn default() -> PlannerSettings {
        PlannerSettings {
            busy_reserve: SwitchLimits { per_hour: 3, per_day: 10 },
            quiet_reserve: SwitchLimits { per_hour: 0, per_day: 2 },
            ample: SwitchLimits { per_hour: 2, per_day: 30 },
            quiet_after: TimeDelta::minutes(30),
            patience: TimeDelta::hours(72),
            yield_to_urgent_after: TimeDelta::minutes(30),
            yield_after: TimeDelta::hours(4),
        }
    }
}

/// Decides what a free lane does next. Deterministic; one pass over the tax numbers.
///
/// It stays while the visited tax number has work. To switch, filings come first, the
/// longest waiting before the others. Every other visit waits, unless switches are ample,
/// until its tax number is quiet and more switches are free than the reserve; issuing before
/// the rest, then whoever waits longest. Nobody starves: see [`PlannerSettings::patience`] and
/// [`PlannerSettings::yield_after`].
pub fn next_visit(view: &LaneView<'_>, settings: &PlannerSettings) -> Visit {
    let Some(limits) = view.limits else {
        return visit_without_limits(view, settings);
    };
    let here = view.numbers.iter().find(|number| Some(number.tax) == view.current);
    let rivals = view.numbers.iter().filter(|number| Some(number.tax) != view.current);
    let budget = Budget::of(view, limits, settings);

    let mut soonest = None;
    let mut chosen = None;
    for rival in rivals {
        let from = budget.allows_from(rival, settings);
        soonest = Some(soonest.map_or(from, |sooner: Moment| sooner.min(from)));
        if from <= view.now {
            let better = (urgency(rival, view.now, settings), rival);
            chosen = Some(chosen.filter(|(best, _)| *best <= better.0).unwrap_or(better));
        }
    }
    match (here, chosen, soonest) {
        (Some(here), Some((_, rival)), _) if visit_is_over(view, here, rival, settings) => {
            Visit::SwitchTo(rival.tax)
        }
        (Some(_), ..) => Visit::Stay,
        (None, Some((_, rival)), _) => Visit::SwitchTo(rival.tax),
        (None, None, Some(soonest)) => Visit::WaitUntil(soonest),
        (None, None, None) => Visit::Idle,
    }
}

/// Class order over the whole lane, then the place: a switch costs nothing.
fn visit_without_limits(view: &LaneView<'_>, settings: &PlannerSettings) -> Visit {
    let first = view.numbers.iter().min_by_key(|number| {
        let pressing = pressing_since(number, view.now, settings);
        let class = if pressing.is_some() { Class::Filing } else { number.head_class };
        (class, pressing, number.head_place)
    });
    match first {
        None => Visit::Idle,
        Some(number) if Some(number.tax) == view.current => Visit::Stay,
        Some(number) => Visit::SwitchTo(number.tax),
    }
}

/// Since when this tax number has had the claim of a filing, if it has it: because its head
/// is one, or because the head has waited past all patience. The claim does not move while
/// others arrive, so whoever has it is served after finitely many others.
fn pressing_since(number: &NumberView, now: Moment, settings: &PlannerSettings) -> Option<Moment> {
    match number.head_class {
        Class::Filing => Some(number.head_since),
        _ => Some(number.head_since + settings.patience).filter(|since| *since <= now),
    }
}

/// Orders those that may be visited now: least first. What presses is a filing's equal.
fn urgency(number: &NumberView, now: Moment, settings: &PlannerSettings) -> (Class, Moment, Place) {
    match pressing_since(number, now, settings) {
        Some(since) => (Class::Filing, since, number.head_place),
        None => (number.head_class.min(Class::Selection), number.head_since, number.head_place),
    }
}

/// Whether the tax number that is being visited, and still has work, gives way to a rival.
fn visit_is_over(
    view: &LaneView<'_>,
    here: &NumberView,
    rival: &NumberView,
    settings: &PlannerSettings,
) -> bool {
    // No switch in the last day: the visit is longer than any limit below.
    let Some(began) = view.history.latest() else { return true };
    let urgent = rival.head_class <= Class::Issuing && rival.head_class < here.head_class;
    let most = if urgent { settings.yield_to_urgent_after } else { settings.yield_after };
    view.now - began >= most
}

/// When switches become free for whom.
struct Budget {
    for_filing: Moment,
    while_busy: Moment,
    while_quiet: Moment,
    while_ample: Moment,
    /// When the lane will be quiet, if nothing more arrives.
    lane_quiet: Moment,
}

impl Budget {
    fn of(view: &LaneView<'_>, limits: SwitchLimits, settings: &PlannerSettings) -> Budget {
        let free = |limits| view.history.free_at(view.now, limits).unwrap_or(view.now);
        let newest = view.numbers.iter().map(|number| number.newest).max();
        let rivals = view.numbers.iter().filter(|number| Some(number.tax) != view.current).count();
        let rivals = u32::try_from(rivals).unwrap_or(u32::MAX);
        // Free under a limit means that at least one is left of it: hence one more.
        let ample = |limit: u32, left: u32| {
            limit.saturating_add(1).saturating_sub(left.saturating_add(rivals))
        };
        Budget {
            for_filing: free(limits),
            while_busy: free(limits.less(settings.busy_reserve)),
            while_quiet: free(limits.less(settings.quiet_reserve)),
            while_ample: free(SwitchLimits {
                per_hour: ample(limits.per_hour, settings.ample.per_hour),
                per_day: ample(limits.per_day, settings.ample.per_day),
            }),
            lane_quiet: newest.unwrap_or(view.now) + settings.quiet_after,
        }
    }

    /// From when on the budget allows to switch to this tax number.
    fn allows_from(&self, number: &NumberView, settings: &PlannerSettings) -> Moment {
        if number.head_class == Class::Filing {
            return self.for_filing;
        }
        let beside_a_reserve = self.while_busy.max(number.newest + settings.quiet_after);
        let in_a_quiet_lane = self.while_quiet.max(self.lane_quiet);
        let pressing = self.for_filing.max(number.head_since + settings.patience);
        beside_a_reserve.min(in_a_quiet_lane).min(pressing).min(self.while_ample)
    }
}

#[cfg(test)]
mod tests;
