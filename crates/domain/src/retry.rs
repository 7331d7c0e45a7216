//! When again, and how often. Chance and time are arguments.

use crate::{Moment, period::shanghai};
use chrono::{Days, NaiveDate, NaiveTime, TimeZone};
use std::time::Duration;

/// How often and how long something is tried.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Limits {
    /// Submissions of one step that faltered (not accepted, nothing happened): tries in all.
    pub submissions: u32,
    /// After the first of them.
    pub submission_delay: Duration,
    /// Times the delay before, for each further one.
    pub submission_factor: u32,
    /// Each delay is stretched or shortened by up to this share, from 0 to 1.
    pub jitter: f64,
    /// Between questions for an outcome, at first.
    pub poll_least: Duration,
    /// Between questions for an outcome that takes long.
    pub poll_most: Duration,
    /// A receipt of age *a* is asked about again after *a* divided by this.
    pub poll_age_share: u32,
    /// Questions for the statistic state before a submission: tries in all.
    pub statistic_queries: u32,
    /// Between them.
    pub statistic_delay: Duration,
    /// When none was answered the task is put off for this long; never submitted unchecked.
    pub statistic_put_off: Duration,
    /// Calls that only read and failed on the way: tries in all, with the submissions' delays.
    pub reads: u32,
    /// Awaiting and Unclear: from the first time that the task was asked about.
    pub outcome_deadline: Duration,
    /// Parked: until the filing deadline of the period, yet at least this long.
    pub parked_least: Duration,
    /// Workers that a task may outlive without more ado; see [`Limits::rescue`].
    pub rescues: u32,
    /// Beyond them, before a task is asked about again; twice as long after each further one.
    pub rescue_delay: Duration,
    /// At the longest.
    pub rescue_delay_most: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            submissions: 3,
            submission_delay: Duration::from_secs(2),
            submission_factor: 4,
            jitter: 0.2,
            poll_least: Duration::from_millis(200),
            poll_most: Duration::from_secs(30),
            poll_age_share: 4,
            statistic_queries: 3,
            statistic_delay: Duration::from_secs(1),
            statistic_put_off: Duration::from_secs(60),
            reads: 3,
            outcome_deadline: Duration::from_secs(24 * 3600),
            parked_least: Duration::from_secs(24 * 3600),
            rescues: 3,
            rescue_delay: Duration::from_secs(30),
            rescue_delay_most: Duration::from_secs(3600),
        }
    }
}

/// What to do after a question that was not answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Again {
    /// Ask again, in the same attempt, after this long.
    After(Duration),
    /// End the attempt and put the task off for this long.
    PutOff(Duration),
}

/// A task whose worker died.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Orphan {
    /// Workers that died with it, this one included.
    pub deaths: u32,
    /// Its kind changes something at the bureau.
    pub acts: bool,
    /// Something was, or may have been, sent.
    pub sent: bool,
    /// How long a call that was lost may still use the account, at the longest.
    pub call_may_last: Duration,
}

/// What becomes of a task whose worker died.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rescue {
    /// Back to its place.
    Requeue,
    /// Asked about after this long; its lane stays held until then when `keep_lane`.
    Ask { after: Duration, keep_lane: bool },
    /// Failed, and may be tried again: it did nothing at the bureau.
    Fail,
}

impl Limits {
    /// What becomes of a task whose worker died. One that kills its workers fails when that can
    /// do no harm. If it may have acted it never ends here, for its last call may still land: it
    /// is asked about less and less often, so that it cannot kill the whole fleet in a row, until
    /// its deadline ends it. Its lane waits for it no longer than a lost call may use the account.
    pub fn rescue(&self, task: Orphan) -> Rescue {
        let more = task.deaths.checked_sub(self.rescues.saturating_add(1));
        match (more, task.sent) {
            (None, false) => Rescue::Requeue,
            (None, true) => Rescue::Ask { after: Duration::ZERO, keep_lane: true },
            (Some(more), true) if task.acts => {
                let after = self.rescue_delay.saturating_mul(2_u32.saturating_pow(more));
                let after = after.min(self.rescue_delay_most);
                if task.call_may_last.is_zero() {
                    Rescue::Ask { after, keep_lane: false }
                } else {
                    Rescue::Ask { after: after.min(task.call_may_last), keep_lane: true }
                }
            }
            (Some(_), _) => Rescue::Fail,
        }
    }

    /// The delay before the next submission, when `made` have faltered; None: no more of them.
    /// `chance` is from [0, 1).
    pub fn submit_again(&self, made: u32, chance: f64) -> Option<Duration> {
        (made < self.submissions).then(|| self.backed_off(made, chance))
    }

    /// The delay before the next try of a call that only reads; None: no more of them.
    pub fn read_again(&self, made: u32, chance: f64) -> Option<Duration> {
        (made < self.reads).then(|| self.backed_off(made, chance))
    }

    /// How long to wait before asking for an outcome again: quick at first, since most outcomes
    /// come within seconds, then in proportion to the receipt's age.
    pub fn poll(&self, age: Duration, chance: f64) -> Duration {
        let wait = (age / self.poll_age_share.max(1)).clamp(self.poll_least, self.poll_most);
        self.jittered(wait, chance).min(self.poll_most)
    }

    /// What to do when `made` questions for the statistic state have not been answered.
    pub fn statistic_again(&self, made: u32, chance: f64) -> Again {
        if made < self.statistic_queries {
            Again::After(self.jittered(self.statistic_delay, chance))
        } else {
            Again::PutOff(self.jittered(self.statistic_put_off, chance))
        }
    }

    /// Until when a task is asked about that was first accepted, or lost, at `since`.
    pub fn outcome_until(&self, since: Moment) -> Moment {
        since + self.outcome_deadline
    }

    /// Until when a task waits for a login: the end of the last day on which its period is filed
    /// ([`calendar::deadline`](crate::calendar::deadline)), yet long enough for a person to act.
    pub fn parked_until(&self, since: Moment, last_day: NaiveDate) -> Moment {
        end_of(last_day).max(since + self.parked_least)
    }

    fn backed_off(&self, made: u32, chance: f64) -> Duration {
        let times = self.submission_factor.saturating_pow(made.saturating_sub(1));
        self.jittered(self.submission_delay.saturating_mul(times), chance)
    }

    fn jittered(&self, delay: Duration, chance: f64) -> Duration {
        delay.mul_f64(1.0 + self.jitter * (2.0 * chance - 1.0))
    }
}

/// 24:00 of this day in Asia/Shanghai.
fn end_of(day: NaiveDate) -> Moment {
    let midnight = (day + Days::new(1)).and_time(NaiveTime::MIN);
    let local = shanghai().from_local_datetime(&midnight);
    local.single().expect("a fixed offset has every local time once").to_utc()
}

#[cfg(test)]
mod tests {
    use super::{Again, Limits, Orphan, Rescue};
    use crate::Moment;
    use std::time::Duration;

    fn seconds(delay: Option<Duration>) -> Option<f64> {
        delay.map(|delay| (delay.as_secs_f64() * 1000.0).round() / 1000.0)
    }

    #[test]
    fn a_submission_is_tried_three_times_in_all() {
        let limits = Limits::default();
        for (made, chance, delay) in [
            (1, 0.0, Some(1.6)),
            (1, 0.5, Some(2.0)),
            (1, 0.999_999, Some(2.4)),
            (2, 0.0, Some(6.4)),
            (2, 0.5, Some(8.0)),
            (3, 0.5, None),
            (u32::MAX, 0.5, None),
        ] {
            assert_eq!(seconds(limits.submit_again(made, chance)), delay, "{made} {chance}");
            assert_eq!(seconds(limits.read_again(made, chance)), delay, "{made} {chance}");
        }
        let endless = Limits { submissions: u32::MAX, ..limits };
        assert!(endless.submit_again(1000, 0.5) > endless.submit_again(5, 0.5), "no overflow");
    }

    #[test]
    fn polling_slows_down_with_age() {
        let limits = Limits::default();
        for (age_ms, wait_ms) in [
            (0, 200),
            (400, 200),
            (2_000, 500),
            (20_000, 5_000),
            (120_000, 30_000),
            (86_400_000, 30_000),
        ] {
            let wait = limits.poll(Duration::from_millis(age_ms), 0.5);
            assert_eq!(wait.as_millis(), wait_ms, "{age_ms}");
        }
        let day = Duration::from_secs(86_400);
        assert!(limits.poll(day, 0.999) <= limits.poll_most, "jitter does not pass the limit");
        assert!(limits.poll(day, 0.0) < limits.poll(day, 0.4), "it spreads the askers");
    }

    #[test]
    fn an_outcome_within_seconds_costs_few_questions() {
        let limits = Limits::default();
        let questions_until = |end: Duration| {
            let (mut age, mut asked) = (Duration::ZERO, 0);
            while age < end {
                age += limits.poll(age, 0.5);
                asked += 1;
            }
            asked
        };
        assert!(questions_until(Duration::from_secs(2)) <= 10);
        assert!(questions_until(Duration::from_secs(60)) <= 25);
    }

    #[test]
    fn without_a_statistic_state_the_task_is_put_off() {
        let limits = Limits::default();
        let said: Vec<_> = (1..=4).map(|made| limits.statistic_again(made, 0.5)).collect();
        let (again, put_off) =
            (Again::After(Duration::from_secs(1)), Again::PutOff(Duration::from_secs(60)));
        assert_eq!(said, [again, again, put_off, put_off]);
    }

    #[test]
    fn deadlines() {
        let limits = Limits::default();
        let at = |text: &str| -> Moment { text.parse().expect(text) };
        assert_eq!(limits.outcome_until(at("2025-11-30T01:00:00Z")), at("2025-12-01T01:00:00Z"));
        // parked at | last day | until
        for (since, last_day, until) in [
            ("2025-12-01T00:00:00Z", "2025-12-15", "2025-12-15T16:00:00Z"),
            ("2025-12-01T00:00:00Z", "2025-12-17", "2025-12-17T16:00:00Z"),
            // Late on the last day, and long after it: a person still gets a day.
            ("2025-12-15T12:00:00Z", "2025-12-15", "2025-12-16T12:00:00Z"),
            ("2025-12-15T12:00:00Z", "2024-02-15", "2025-12-16T12:00:00Z"),
        ] {
            let found = limits.parked_until(at(since), last_day.parse().expect("a date"));
            assert_eq!(found, at(until), "{since} {last_day}");
        }
    }

    #[test]
    fn what_kills_its_workers_fails_only_if_it_did_nothing() {
        let limits = Limits::default();
        let told = |deaths, acts, sent, call_may_last| {
            let call_may_last = Duration::from_secs(call_may_last);
            match limits.rescue(Orphan { deaths, acts, sent, call_may_last }) {
                Rescue::Requeue => "requeue".to_owned(),
                Rescue::Ask { after, keep_lane } => {
                    format!("ask {} {}", after.as_secs(), if keep_lane { "held" } else { "free" })
                }
                Rescue::Fail => "fail".to_owned(),
            }
        };
        // deaths | acts | sent | a call may last, in seconds | what becomes of it
        for (deaths, acts, sent, lasts, expected) in [
            (1, true, false, 0, "requeue"),
            (3, true, false, 0, "requeue"),
            (3, false, false, 0, "requeue"),
            (4, true, false, 0, "fail"),
            (4, false, false, 0, "fail"),
            (1, true, true, 120, "ask 0 held"),
            (3, true, true, 0, "ask 0 held"),
            (3, false, true, 0, "ask 0 held"),
            (4, false, true, 120, "fail"),
            (4, true, true, 0, "ask 30 free"),
            (5, true, true, 0, "ask 60 free"),
            (10, true, true, 0, "ask 1920 free"),
            (11, true, true, 0, "ask 3600 free"),
            (u32::MAX, true, true, 0, "ask 3600 free"),
            // The lost call may still use the account, but no longer than so.
            (4, true, true, 120, "ask 30 held"),
            (8, true, true, 120, "ask 120 held"),
        ] {
            assert_eq!(told(deaths, acts, sent, lasts), expected, "{deaths} {acts} {sent} {lasts}");
        }
    }
}
