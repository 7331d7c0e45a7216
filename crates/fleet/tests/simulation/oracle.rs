//! Why a task may not start, found out by looking at every row: written apart from the claim and
//! from `domain::schedule`, so that they can be compared.

use domain::{
    Moment,
    ids::{LaneId, Place, TaskId, TaxId},
    kind::Class,
    schedule::{LaneView, NumberView, PlannerSettings, SwitchLimits, Visit, next_visit},
    task::{State, StateName},
    taxpayer::ChannelKind,
};
use fleet::memory::{Book, Row};
use std::collections::BTreeMap;

/// What `why` says of a task that nothing hinders.
pub(crate) const FREE: &str = "free";

/// A waiting task whose time has come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waiter {
    pub(crate) task: TaskId,
    pub(crate) lane: LaneId,
    pub(crate) class: Class,
    pub(crate) place: Place,
    pub(crate) since: Moment,
}

/// All waiting tasks by tax number, from the states of all rows.
#[derive(Debug)]
pub(crate) struct Oracle<'a> {
    pub(crate) book: &'a Book,
    now: Moment,
    pub(crate) waiters: BTreeMap<TaxId, Vec<Waiter>>,
    /// When the latest task of each tax number was logged, whatever has become of it.
    latest: BTreeMap<TaxId, Moment>,
}

/// When the row's clock time comes, if it waits for one.
fn time_of(row: &Row) -> Option<Moment> {
    match row.state {
        State::Delayed { sent: false, until } => Some(until),
        State::Held if row.lane.is_some() => row.message.not_before,
        _ => None,
    }
}

impl<'a> Oracle<'a> {
    pub(crate) fn new(book: &'a Book) -> Oracle<'a> {
        let now = book.now();
        let mut waiters: BTreeMap<TaxId, Vec<Waiter>> = BTreeMap::new();
        let mut latest: BTreeMap<TaxId, Moment> = BTreeMap::new();
        for (task, row) in &book.tasks {
            if let Some(tax) = row.tax {
                let known = latest.entry(tax).or_insert(row.enqueued_at);
                *known = row.enqueued_at.max(*known);
            }
            let due =
                matches!(row.state, State::Queued) || time_of(row).is_some_and(|at| at <= now);
            if let (true, Some(lane), Some(tax)) = (due, row.lane, row.tax) {
                let class = row.class();
                let (task, place, since) = (*task, row.place, row.enqueued_at);
                let waiter = Waiter { task, lane, class, place, since };
                waiters.entry(tax).or_default().push(waiter);
            }
        }
        Oracle { book, now, waiters, latest }
    }

    /// Why the lane may start nothing of this tax number.
    fn closed(&self, lane: LaneId, tax: TaxId) -> Option<&'static str> {
        let row = self.book.lanes.get(&lane)?;
        let later = |at: Option<Moment>| at.is_some_and(|at| at > self.now);
        if row.paused.is_some() || self.book.bureau_pauses.contains_key(&row.key.bureau) {
            Some("lane_paused")
        } else if row.needs_person {
            Some("offline")
        } else if later(row.throttled_until) {
            Some("lane_throttled")
        } else if row.owner.is_none() {
            Some("no_owner")
        } else if row.current_tax != Some(tax) && later(row.switch_free_at) {
            Some("switch_limit")
        } else {
            None
        }
    }

    /// The first reason, by its code.
    pub(crate) fn why(&self, task: TaskId) -> &'static str {
        let Some(row) = self.book.tasks.get(&task) else { return "gone" };
        let (Some(lane), Some(tax)) = (row.lane, row.tax) else { return "gone" };
        let timed = time_of(row);
        match row.state.name() {
            StateName::Parked if matches!(row.state, State::Parked { sent: false, .. }) => {
                return "offline";
            }
            StateName::Queued => {}
            _ if timed.is_some_and(|at| at > self.now) => return "not_before",
            _ if timed.is_some() => {}
            _ => return "gone",
        }
        let payer = &self.book.taxpayers[&tax];
        if payer.paused.is_some() {
            return "tax_paused";
        }
        if let Some(closed) = self.closed(lane, tax) {
            return closed;
        }
        if payer.throttled_until.is_some_and(|until| until > self.now) {
            return "tax_throttled";
        }
        if self.book.running.values().any(|key| key.tax == tax) {
            return "tax_busy";
        }
        if let Some(rival) = self.goes_before(task, row.class(), row.place, lane, tax) {
            return rival;
        }
        if self.taken(lane) >= usize::from(self.book.lanes[&lane].width) {
            return "lane_busy";
        }
        FREE
    }

    /// Whether another waiting task of the tax number goes first.
    pub(crate) fn goes_before(
        &self,
        task: TaskId,
        class: Class,
        place: Place,
        lane: LaneId,
        tax: TaxId,
    ) -> Option<&'static str> {
        let rivals = self.waiters.get(&tax).into_iter().flatten();
        let rivals: Vec<&Waiter> = rivals
            .filter(|rival| rival.task != task && self.closed(rival.lane, tax).is_none())
            .collect();
        if rivals.iter().any(|rival| rival.class < class) {
            return Some("higher_class");
        }
        let earlier =
            |rival: &&Waiter| rival.lane == lane && rival.class == class && rival.place < place;
        rivals.iter().any(earlier).then_some("earlier_place")
    }

    /// How many slots of the lane are held.
    pub(crate) fn taken(&self, lane: LaneId) -> usize {
        let here = |slot: &Option<(LaneId, _)>| slot.is_some_and(|(held, _)| held == lane);
        self.book.running.values().filter(|key| here(&key.slot)).count()
    }

    /// By lane: the earliest task that nothing hinders, where the planner does not wait.
    pub(crate) fn startable(
        &self,
        limits: Option<SwitchLimits>,
        planner: &PlannerSettings,
    ) -> BTreeMap<LaneId, TaskId> {
        let mut free: BTreeMap<LaneId, Vec<(TaxId, Waiter)>> = BTreeMap::new();
        for (tax, waiters) in &self.waiters {
            for waiter in waiters.iter().filter(|waiter| self.why(waiter.task) == FREE) {
                free.entry(waiter.lane).or_default().push((*tax, *waiter));
            }
        }
        // A worker plans with every head that it does not know to be hindered: what it knows lies
        // between the free ones and all. Of arrivals it may have heard of those that wait, or of
        // those too that have started since.
        free.retain(|lane, waiters| {
            [waiters, &self.heads(*lane)].into_iter().all(|heads| {
                let starts = |newest: &dyn Fn(&TaxId) -> Option<Moment>| {
                    self.planner_starts(*lane, heads, limits, planner, newest)
                };
                starts(&|tax| self.newest_waiting(tax))
                    && starts(&|tax| self.latest.get(tax).copied())
            })
        });
        let earliest = |waiters: Vec<(TaxId, Waiter)>| {
            waiters.into_iter().map(|(_, waiter)| (waiter.place, waiter.task)).min()
        };
        free.into_iter()
            .filter_map(|(lane, of)| earliest(of).map(|(_, task)| (lane, task)))
            .collect()
    }

    /// The first waiting task of each tax number in this lane.
    fn heads(&self, lane: LaneId) -> Vec<(TaxId, Waiter)> {
        let first = |of: &[Waiter]| {
            let here = of.iter().filter(|waiter| waiter.lane == lane);
            here.min_by_key(|waiter| (waiter.class, waiter.place)).copied()
        };
        let all = self.waiters.iter();
        all.filter_map(|(tax, of)| first(of).map(|head| (*tax, head))).collect()
    }

    fn newest_waiting(&self, tax: &TaxId) -> Option<Moment> {
        let all = self.waiters.get(tax).into_iter().flatten();
        all.map(|waiter| waiter.since).max()
    }

    fn planner_starts(
        &self,
        lane: LaneId,
        waiters: &[(TaxId, Waiter)],
        limits: Option<SwitchLimits>,
        planner: &PlannerSettings,
        newest: &dyn Fn(&TaxId) -> Option<Moment>,
    ) -> bool {
        let row = &self.book.lanes[&lane];
        let Some(limits) = limits.filter(|_| row.channel == ChannelKind::Etax) else {
            return true;
        };
        let number = |(tax, head): &(TaxId, Waiter)| NumberView {
            tax: *tax,
            head_class: head.class,
            head_place: head.place,
            head_since: head.since,
            newest: newest(tax).unwrap_or(self.now),
        };
        let numbers: Vec<NumberView> = waiters.iter().map(number).collect();
        let view = LaneView {
            now: self.now,
            current: row.current_tax,
            limits: Some(limits),
            history: &row.switches,
            numbers: &numbers,
        };
        matches!(next_visit(&view, planner), Visit::Stay | Visit::SwitchTo(_))
    }
}
