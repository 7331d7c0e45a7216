//! Accounts: sessions and switches.

use super::State;
use crate::channels::{Caller, Said};
use chrono::TimeDelta;
use domain::{
    Moment,
    bureau::LaneKey,
    tax_no::TaxNo,
    taxpayer::LoginMode,
    world::{SwitchLimits, WorldAccount},
};
use std::collections::{HashSet, VecDeque};

/// An account, as the bureau knows it.
#[derive(Debug)]
pub(super) struct AccountState {
    login: LoginMode,
    serves: HashSet<TaxNo>,
    /// The end of its one live session; None: off line.
    pub(super) session_until: Option<Moment>,
    /// The tax number it is on; a later login lands on it again.
    pub(super) current: Option<TaxNo>,
    /// Switches of the last rolling day, oldest first; only as many as the limits look at.
    switches: VecDeque<Moment>,
}

impl AccountState {
    pub(super) fn new(account: &WorldAccount, session_until: Moment) -> AccountState {
        AccountState {
            login: account.login,
            serves: account.serves.iter().map(|served| served.tax_no.clone()).collect(),
            session_until: account.online.then_some(session_until),
            current: None,
            switches: VecDeque::new(),
        }
    }

    pub(super) fn is_online(&self, date: Moment) -> bool {
        self.session_until.is_some_and(|until| date < until)
    }

    pub(super) fn logged_out(&self) -> Said {
        match self.login {
            LoginMode::Auto => Said::LoggedOut,
            LoginMode::Manual => Said::PersonNeeded,
        }
    }

    /// When the next switch is allowed; None: now.
    fn limited_until(&mut self, limits: SwitchLimits, date: Moment) -> Option<Moment> {
        let (hour, day) = (TimeDelta::hours(1), TimeDelta::days(1));
        while self.switches.front().is_some_and(|at| *at <= date - day) {
            self.switches.pop_front();
        }
        let free_at = |window: TimeDelta, most: Option<u32>| {
            let most = usize::try_from(most?).ok()?;
            let within = self.switches.iter().filter(|at| **at > date - window).count();
            if within < most {
                return None;
            }
            // With `most` of them in the window, the window must pass the oldest of the newest.
            let oldest = self.switches.len().saturating_sub(most.max(1));
            Some(self.switches.get(oldest).map_or(date + window, |at| *at + window))
        };
        free_at(hour, limits.per_hour).max(free_at(day, limits.per_day))
    }
}

const LIMIT_SENTENCE: &str = "切换企业过于频繁，账号已退出登录，请稍后再试。";
const NOT_SERVED: &str = "该账号没有办理此税号业务的权限。";

impl State {
    pub(super) fn log_in(&mut self, lane: &LaneKey, date: Moment) -> Said {
        let until = date + self.session;
        let Some(account) = self.accounts.get_mut(lane) else {
            return Said::Refused { code: "13", sentence: "税局没有该账号。" };
        };
        if account.login == LoginMode::Manual && !account.is_online(date) {
            return Said::PersonNeeded;
        }
        account.session_until = Some(until);
        self.book.counts.logins += 1;
        Said::LoggedIn { until }
    }

    pub(super) fn switch(&mut self, caller: &Caller, lane: &LaneKey, date: Moment) -> Said {
        let limits = self.switch;
        let (Some(account), Some(tax_no)) = (self.accounts.get_mut(lane), &caller.tax_no) else {
            return Said::Refused { code: "13", sentence: NOT_SERVED };
        };
        if !account.serves.contains(tax_no) {
            return Said::Refused { code: "13", sentence: NOT_SERVED };
        }
        if account.current.as_ref() == Some(tax_no) {
            return Said::Switched;
        }
        if let Some(until) = account.limited_until(limits, date) {
            account.session_until = None;
            self.book.counts.switch_limit_hits += 1;
            return Said::Throttled { whole_account: true, until, sentence: LIMIT_SENTENCE };
        }
        if limits.per_hour.is_some() || limits.per_day.is_some() {
            account.switches.push_back(date);
        }
        account.current = Some(tax_no.clone());
        self.book.counts.switches += 1;
        Said::Switched
    }

    /// Whether the account may work for the tax number now; why not, if not.
    pub(super) fn at_desk(&self, lane: &LaneKey, tax_no: &TaxNo) -> Result<(), Said> {
        let account = self.accounts.get(lane);
        let current = account.and_then(|account| account.current.as_ref());
        if account.is_none_or(|account| !account.serves.contains(tax_no)) {
            return Err(Said::Refused { code: "13", sentence: NOT_SERVED });
        }
        if current == Some(tax_no) {
            return Ok(());
        }
        let on = current.map_or("no tax number".to_owned(), ToString::to_string);
        Err(Said::NotDone(format!("the account is on {on}, not on {tax_no}: switch first")))
    }
}

#[cfg(test)]
mod tests {
    use super::AccountState;
    use domain::{Moment, world::SwitchLimits};

    fn at(minutes: i64) -> Moment {
        Moment::UNIX_EPOCH + chrono::TimeDelta::minutes(minutes)
    }

    fn account(switches: impl Iterator<Item = i64>) -> AccountState {
        AccountState {
            login: domain::taxpayer::LoginMode::Auto,
            serves: [].into(),
            session_until: None,
            current: None,
            switches: switches.map(at).collect(),
        }
    }

    #[test]
    fn windows_roll() {
        let limits = SwitchLimits::default();
        let table: &[(&[i64], i64, Option<i64>)] = &[
            (&[], 0, None),
            (&[0, 1, 2, 3], 4, None),
            (&[0, 1, 2, 3, 4], 5, Some(60)),
            (&[0, 1, 2, 3, 4], 60, None),
            (&[0, 10, 20, 30, 40, 70], 71, None),
            (&[20, 30, 40, 50, 60], 79, Some(80)),
        ];
        for (switches, now, until) in table {
            let found = account(switches.iter().copied()).limited_until(limits, at(*now));
            assert_eq!(found, until.map(at), "{switches:?} at {now}");
        }
        let mut busy = account((0..50).map(|n| n * 20));
        assert_eq!(busy.limited_until(limits, at(1_000)), Some(at(24 * 60)));
        assert_eq!(busy.limited_until(limits, at(24 * 60)), None);
    }
}
