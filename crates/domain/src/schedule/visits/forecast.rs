//! How long an account needs for what waits, and what one more account would change.

use super::{SwitchHistory, SwitchLimits};
use crate::Moment;
use chrono::TimeDelta;

/// What waits for an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Backlog {
    /// Tax numbers with waiting tasks, other than the one the account is logged in to.
    pub numbers: u32,
    /// Waiting tasks.
    pub tasks: u32,
    /// How long one task takes, by what ran lately. None: nothing ran yet.
    pub task_takes: Option<TimeDelta>,
}

/// The time until everything that waits now is done, if nothing else arrives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Forecast {
    pub alone: TimeDelta,
    /// With one more account for the same tax numbers, not switched yet.
    pub with_one_more: TimeDelta,
}

impl Forecast {
    /// The sentence that people read.
    pub fn sentence(&self) -> String {
        format!(
            "该账号处理完等待中的任务约需{}；增加一个账号约需{}。",
            words(self.alone),
            words(self.with_one_more)
        )
    }
}

/// Plays one visit to each waiting tax number under the limits: a visit happens as soon as
/// an account is free and may switch. Takes a step per tax number.
pub fn forecast(
    now: Moment,
    limits: Option<SwitchLimits>,
    history: &SwitchHistory,
    backlog: Backlog,
) -> Forecast {
    let own = Account { free: now, history: history.clone() };
    let second = Account { free: now, history: SwitchHistory::default() };
    Forecast {
        alone: play(now, limits, backlog, vec![own.clone()]),
        with_one_more: play(now, limits, backlog, vec![own, second]),
    }
}

#[derive(Clone)]
struct Account {
    free: Moment,
    history: SwitchHistory,
}

impl Account {
    fn may_switch(&self, limits: Option<SwitchLimits>) -> Moment {
        limits.and_then(|limits| self.history.free_at(self.free, limits)).unwrap_or(self.free)
    }
}

fn play(
    now: Moment,
    limits: Option<SwitchLimits>,
    backlog: Backlog,
    mut accounts: Vec<Account>,
) -> TimeDelta {
    let takes = backlog.task_takes.unwrap_or_default();
    let work = takes * i32::try_from(backlog.tasks).unwrap_or(i32::MAX);
    let visits = i32::try_from(backlog.numbers).unwrap_or(i32::MAX);
    if visits == 0 {
        // Only the current tax number has work; nobody can help with that.
        return work;
    }
    for _ in 0..visits {
        let next = accounts.iter_mut().min_by_key(|account| account.may_switch(limits));
        let Some(account) = next else { break };
        let at = account.may_switch(limits);
        account.history.record(at);
        account.free = at + work / visits;
    }
    accounts.iter().map(|account| account.free - now).max().unwrap_or_default()
}

/// Whole minutes below two hours, whole hours above; rounded up, never nothing.
fn words(time: TimeDelta) -> String {
    let minutes = (time.num_seconds().max(0) + 59) / 60;
    if minutes < 120 {
        format!("{}分钟", minutes.max(1))
    } else {
        format!("{}小时", (minutes + 59) / 60)
    }
}

#[cfg(test)]
mod tests {
    use super::{Backlog, Forecast, forecast};
    use crate::{
        Moment,
        schedule::visits::{SwitchHistory, SwitchLimits},
    };
    use chrono::TimeDelta;

    const LIMITS: SwitchLimits = SwitchLimits { per_hour: 5, per_day: 50 };

    fn fresh(numbers: u32) -> Forecast {
        let takes = Some(TimeDelta::seconds(20));
        let backlog = Backlog { numbers, tasks: numbers * 16, task_takes: takes };
        forecast(Moment::UNIX_EPOCH, Some(LIMITS), &SwitchHistory::default(), backlog)
    }

    #[test]
    fn the_day_budget_binds_and_a_second_account_halves_it() {
        assert_eq!(
            fresh(90).sentence(),
            "该账号处理完等待中的任务约需32小时；增加一个账号约需9小时。"
        );
        assert_eq!(
            fresh(120).sentence(),
            "该账号处理完等待中的任务约需52小时；增加一个账号约需26小时。"
        );
    }

    #[test]
    fn a_used_up_day_counts() {
        let now = Moment::UNIX_EPOCH + TimeDelta::hours(24);
        let used = (0..50).map(|i| now - TimeDelta::minutes(12 * i));
        let history = SwitchHistory::from_moments(used);
        let backlog = Backlog { numbers: 10, tasks: 10, task_takes: None };
        let forecast = forecast(now, Some(LIMITS), &history, backlog);
        // The fiftieth last was 588 minutes ago; the tenth place frees 9 × 12 minutes later.
        assert_eq!(forecast.alone.num_minutes(), 24 * 60 - 588 + 9 * 12);
        assert_eq!(forecast.with_one_more.num_minutes(), 60);
    }

    #[test]
    fn without_limits_only_the_work_counts() {
        let takes = Some(TimeDelta::seconds(30));
        let backlog = Backlog { numbers: 4, tasks: 40, task_takes: takes };
        let history = SwitchHistory::default();
        let forecast = forecast(Moment::UNIX_EPOCH, None, &history, backlog);
        assert_eq!(forecast.alone, TimeDelta::minutes(20));
        assert_eq!(forecast.with_one_more, TimeDelta::minutes(10));
        assert_eq!(
            forecast.sentence(),
            "该账号处理完等待中的任务约需20分钟；增加一个账号约需10分钟。"
        );
    }

    #[test]
    fn nothing_but_the_current_tax_number() {
        let takes = Some(TimeDelta::seconds(30));
        let backlog = Backlog { numbers: 0, tasks: 4, task_takes: takes };
        let history = SwitchHistory::default();
        let forecast = forecast(Moment::UNIX_EPOCH, Some(LIMITS), &history, backlog);
        assert_eq!(
            (forecast.alone, forecast.with_one_more),
            (takes.map_or(TimeDelta::zero(), |t| t * 4), TimeDelta::minutes(2))
        );
    }
}
