//! Accounts: their sessions, fences and current tax numbers.

use super::model::Bureau;
use domain::{
    Moment,
    answer::{Answer, Outcome},
    bureau::LaneKey,
    tax_no::TaxNo,
};
use fleet::ports::channel::Call;
use std::{collections::VecDeque, time::Duration};

/// The highest fence seen.
pub(super) type Fence0 = i64;

#[derive(Debug, Default)]
pub(super) struct Account {
    /// Only a person can log it in.
    manual: bool,
    online: bool,
    current: Option<TaxNo>,
    fence: Fence0,
    switches: VecDeque<Moment>,
}

impl Bureau {
    pub(crate) fn open_account(&mut self, lane: &LaneKey, manual: bool, online: bool) {
        let account = Account { manual, online, ..Account::default() };
        self.accounts.insert(lane.clone(), account);
    }

    /// Somebody logs the account in or out, not through us.
    pub(crate) fn set_online(&mut self, lane: &LaneKey, online: bool) {
        if let Some(account) = self.accounts.get_mut(lane) {
            account.online = online;
            account.current = None;
        }
    }

    /// The session's state; None: it may go on.
    pub(super) fn session(&mut self, call: &Call, on_number: bool) -> Option<Answer> {
        if call.lane.account.is_leqi() {
            return None;
        }
        if self.mood("kick_out", self.habits.kick_out) {
            self.set_online(&call.lane, false);
        }
        let fence = call.fence.0;
        let newest = self.fences.get(&call.tax_no).copied().unwrap_or_default();
        let account = self.accounts.get_mut(&call.lane)?;
        if self.habits.fences && fence < newest.max(account.fence) {
            self.referee.stale_refused += 1;
            return Some(Answer::Stale);
        }
        account.fence = account.fence.max(fence);
        self.fences.insert(call.tax_no.clone(), newest.max(fence));
        if !account.online {
            let sentence = "登录已失效".into();
            return Some(Answer::LoggedOut { needs_person: account.manual, sentence });
        }
        if on_number && account.current.as_ref() != Some(&call.tax_no) {
            self.referee.wrong_number += 1;
            return Some(Answer::Faltered { sentence: "当前税号不一致".into() });
        }
        None
    }

    pub(crate) fn log_in(&mut self, call: &Call) -> Answer {
        let fence = call.fence.0;
        let Some(account) = self.accounts.get_mut(&call.lane) else {
            return Answer::Faltered { sentence: "账号不存在".into() };
        };
        if self.habits.fences && fence < account.fence {
            self.referee.stale_refused += 1;
            return Answer::Stale;
        }
        account.fence = fence.max(account.fence);
        if account.manual && !account.online {
            let sentence = "需要短信验证码".into();
            return Answer::LoggedOut { needs_person: true, sentence };
        }
        account.online = true;
        Answer::Succeeded(Outcome::default())
    }

    pub(crate) fn current(&mut self, call: &Call) -> Result<Option<TaxNo>, Answer> {
        match self.session(call, false) {
            Some(answer) => Err(answer),
            None => Ok(self.accounts.get(&call.lane).and_then(|account| account.current.clone())),
        }
    }

    pub(crate) fn switch(&mut self, call: &Call, now: Moment) -> Answer {
        if let Some(answer) = self.session(call, false) {
            return answer;
        }
        let most = self.habits.switches_per_hour;
        let Some(account) = self.accounts.get_mut(&call.lane) else {
            return Answer::Faltered { sentence: "账号不存在".into() };
        };
        account.switches.retain(|at| *at + Duration::from_secs(3600) > now);
        if account.switches.len() >= most {
            self.referee.switch_limit_hits += 1;
            account.online = false;
            account.current = None;
            let sentence = "切换次数过多".into();
            return Answer::LoggedOut { needs_person: account.manual, sentence };
        }
        account.switches.push_back(now);
        account.current = Some(call.tax_no.clone());
        Answer::Succeeded(Outcome::default())
    }
}
