//! When an account was switched, and when it may be switched again.

use crate::Moment;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// How often the bureau lets one account change its tax number.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SwitchLimits {
    /// In any rolling hour. 0: never.
    pub per_hour: u32,
    /// In any rolling day of 24 hours. 0: never.
    pub per_day: u32,
}

impl SwitchLimits {
    /// What others may use when `reserve` is kept back: at least a third, rounded up, so
    /// that a reserve above the limit itself does not shut everybody else out.
    pub(super) fn less(self, reserve: SwitchLimits) -> SwitchLimits {
        let rest = |limit: u32, kept: u32| limit.saturating_sub(kept).max(limit.div_ceil(3));
        SwitchLimits {
            per_hour: rest(self.per_hour, reserve.per_hour),
            per_day: rest(self.per_day, reserve.per_day),
        }
    }
}

/// Added to both windows. A switch is written down before it is made, so by the bureau's
/// clock the first one of a window may have been later than by ours, and the last one earlier.
const MARGIN: TimeDelta = TimeDelta::seconds(10);
const HOUR: TimeDelta = TimeDelta::hours(1);
const DAY: TimeDelta = TimeDelta::hours(24);

/// The moments at which an account was switched in the last rolling day, oldest first.
/// The first login to a tax number is one of them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SwitchHistory {
    moments: VecDeque<Moment>,
}

impl SwitchHistory {
    /// From moments in any order, as a store returns them.
    pub fn from_moments(moments: impl IntoIterator<Item = Moment>) -> SwitchHistory {
        let mut moments: Vec<Moment> = moments.into_iter().collect();
        moments.sort_unstable();
        SwitchHistory { moments: moments.into() }
    }

    /// Adds a switch and forgets those that no window can reach any more.
    pub fn record(&mut self, at: Moment) {
        let place = self.moments.partition_point(|moment| *moment <= at);
        self.moments.insert(place, at);
        while self.moments.front().is_some_and(|first| *first + DAY + MARGIN < at) {
            self.moments.pop_front();
        }
    }

    /// Before when no further switch is allowed. None: one is allowed now.
    pub fn free_at(&self, now: Moment, limits: SwitchLimits) -> Option<Moment> {
        let hour = self.leaves(now, limits.per_hour, HOUR);
        let day = self.leaves(now, limits.per_day, DAY);
        Some(hour.max(day)).filter(|free| *free > now)
    }

    /// The latest switch: the moment at which the current visit began.
    pub fn latest(&self) -> Option<Moment> {
        self.moments.back().copied()
    }

    /// When fewer than `limit` switches will lie in the window that ends then.
    fn leaves(&self, now: Moment, limit: u32, window: TimeDelta) -> Moment {
        if limit == 0 {
            return now + DAY;
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        match self.moments.len().checked_sub(limit) {
            Some(blocking) => self.moments[blocking] + window + MARGIN,
            None => now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SwitchHistory, SwitchLimits};
    use crate::Moment;
    use chrono::TimeDelta;

    const LIMITS: SwitchLimits = SwitchLimits { per_hour: 2, per_day: 3 };

    fn at(minutes: i64) -> Moment {
        Moment::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn later(minutes: i64) -> Option<Moment> {
        Some(at(minutes) + TimeDelta::seconds(10))
    }

    #[test]
    fn a_switch_is_free_until_a_window_is_full() {
        let mut history = SwitchHistory::default();
        assert_eq!(history.free_at(at(0), LIMITS), None);
        history.record(at(0));
        assert_eq!(history.free_at(at(0), LIMITS), None);
        history.record(at(10));
        assert_eq!(history.free_at(at(20), LIMITS), later(60));
        assert_eq!(history.free_at(at(61), LIMITS), None);
        history.record(at(61));
        assert_eq!(history.free_at(at(80), LIMITS), later(24 * 60));
    }

    #[test]
    fn limits_that_were_lowered_count_what_was_before() {
        let history = SwitchHistory::from_moments([at(30), at(0), at(20), at(10)]);
        assert_eq!(history.free_at(at(31), LIMITS), later(24 * 60 + 10));
        let one = SwitchLimits { per_hour: 1, per_day: 100 };
        assert_eq!(history.free_at(at(31), one), later(90));
    }

    #[test]
    fn a_limit_of_nothing_never_frees_a_switch() {
        let none = SwitchLimits { per_hour: 0, per_day: 50 };
        assert_eq!(SwitchHistory::default().free_at(at(0), none), Some(at(24 * 60)));
    }

    #[test]
    fn what_is_over_a_day_old_is_forgotten() {
        let mut history = SwitchHistory::from_moments([at(0)]);
        history.record(at(24 * 60 + 1));
        assert_eq!(history, SwitchHistory::from_moments([at(24 * 60 + 1)]));
    }

    #[test]
    fn a_reserve_leaves_at_least_a_third() {
        let limits = SwitchLimits { per_hour: 5, per_day: 4 };
        let rest = limits.less(SwitchLimits { per_hour: 3, per_day: 10 });
        assert_eq!(rest, SwitchLimits { per_hour: 2, per_day: 2 });
    }
}
