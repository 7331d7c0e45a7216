//! One request, from the bureau's side: what is said, what is lost, what happens later.

use super::{State, submission::Submission};
use crate::{
    channels::{Ask, Caller, Found, Said, Work},
    dice::Dice,
    referee::Mark,
};
use chrono::TimeDelta;
use domain::{
    Moment,
    answer::PeriodFacts,
    kind::{Kind, ReadBack},
    tax_no::TaxNo,
    taxpayer::ChannelKind,
    world::FaultName,
};
use std::time::Duration;

/// How an answer gets lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Loss {
    Cut,
    GatewayTimeout,
    BadGateway,
    Empty,
}

impl Loss {
    /// The word in the referee's log.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Loss::Cut => "cut",
            Loss::GatewayTimeout => "504",
            Loss::BadGateway => "502",
            Loss::Empty => "empty",
        }
    }

    pub(super) fn any(dice: Dice) -> Loss {
        let all = [Loss::Cut, Loss::GatewayTimeout, Loss::BadGateway, Loss::Empty];
        all[(dice.number("loss") % 4) as usize]
    }
}

/// What reaches the caller.
#[derive(Clone, Debug)]
pub(crate) enum Delivery {
    Answer(Said),
    Lost(Loss),
}

/// What happens after the answer.
#[derive(Clone, Debug)]
pub(crate) enum Later {
    Finish {
        receipt: String,
        after: Duration,
    },
    Undo {
        receipt: String,
        after: Duration,
    },
    /// The request arrives now, really.
    Arrive {
        held: u64,
        after: Duration,
    },
}

/// One request, attended to.
#[derive(Clone, Debug)]
pub(crate) struct Attended {
    pub(crate) delivery: Delivery,
    /// The word of the answer for the log, given or lost.
    pub(crate) word: String,
    pub(crate) fault: Option<FaultName>,
    pub(crate) later: Vec<Later>,
    /// Set when a submission was taken: its answer must be marked as given.
    pub(crate) mark: Option<Mark>,
}

impl Attended {
    pub(super) fn said(said: Said, fault: Option<FaultName>) -> Attended {
        let word = said.word();
        Attended { delivery: Delivery::Answer(said), word, fault, later: Vec::new(), mark: None }
    }

    fn never_arrived(loss: Loss, fault: FaultName) -> Attended {
        let word = "never_arrived".to_owned();
        let delivery = Delivery::Lost(loss);
        Attended { delivery, word, fault: Some(fault), later: Vec::new(), mark: None }
    }
}

const PROTECTION: &str = "云安全平台检测到您当前的访问行为存在异常，请稍后重试";

impl State {
    /// A request arrives at the bureau's door, over a network that may fail.
    pub(crate) fn attend(
        &mut self,
        caller: &Caller,
        ask: &Ask,
        dice: Dice,
        now: Moment,
    ) -> Attended {
        if self.strikes(FaultName::GatewayTimeout, caller, ask, dice).is_some() {
            return Attended::never_arrived(Loss::GatewayTimeout, FaultName::GatewayTimeout);
        }
        if self.strikes(FaultName::Reset, caller, ask, dice).is_some() {
            return Attended::never_arrived(Loss::Cut, FaultName::Reset);
        }
        if self.strikes(FaultName::LostPage, caller, ask, dice).is_some() {
            return Attended::never_arrived(Loss::any(dice), FaultName::LostPage);
        }
        let known = caller.tax_no.as_ref().filter(|tax_no| self.payers.contains_key(*tax_no));
        if let Some(tax_no) = known.cloned()
            && let Some(late) = self.strikes(FaultName::LateArrival, caller, ask, dice)
        {
            let held = self.book.hold_back(&caller.task, &tax_no);
            let after = late.lasting.unwrap_or_default();
            let lost = Attended::never_arrived(Loss::any(dice), FaultName::LateArrival);
            return Attended { later: vec![Later::Arrive { held, after }], ..lost };
        }
        self.arrive(caller, ask, dice, now)
    }

    /// The request is inside.
    pub(crate) fn arrive(
        &mut self,
        caller: &Caller,
        ask: &Ask,
        dice: Dice,
        now: Moment,
    ) -> Attended {
        let date = self.calendar.date(now);
        self.count_questions(ask);
        let (said, fault) = match self.admit(caller, ask, dice, date) {
            Ok(()) => (None, None),
            Err((said, fault)) => (Some(said), fault),
        };
        if let Some(said) = said {
            return Attended::said(said.by_clock(self.calendar), fault);
        }
        match ask {
            Ask::Submit(work) => self.submit(caller, ask, work, dice, now),
            _ => {
                let twice = self.strikes(FaultName::PageTwice, caller, ask, dice).is_some();
                let said = self.answer(caller, ask, date, twice);
                let fault = twice.then_some(FaultName::PageTwice);
                Attended::said(said.by_clock(self.calendar), fault)
            }
        }
    }

    fn count_questions(&mut self, ask: &Ask) {
        let counts = &mut self.book.counts;
        match ask {
            Ask::Period { .. } => counts.statistic_queries += 1,
            Ask::Uses(_) => counts.purpose_queries += 1,
            Ask::Submit(Work { kind: Kind::StatisticQuery | Kind::PeriodQuery, .. }) => {
                counts.statistic_queries += 1;
            }
            _ => {}
        }
    }

    /// Fence, session and throttle, in this order: a fence is raised even for who is logged out.
    fn admit(
        &mut self,
        caller: &Caller,
        ask: &Ask,
        dice: Dice,
        date: Moment,
    ) -> Result<(), (Said, Option<FaultName>)> {
        let plain = |said| (said, None);
        if caller.channel == ChannelKind::Etax {
            self.fence(caller, ask).map_err(plain)?;
            self.session(caller, ask, dice, date)?;
        }
        if matches!(ask, Ask::Login | Ask::CurrentTaxNumber) {
            return Ok(());
        }
        let known = caller.tax_no.as_ref().is_some_and(|tax_no| self.payers.contains_key(tax_no));
        if !known {
            return Err(plain(Said::Refused { code: "04", sentence: "税局查无此税号。" }));
        }
        self.throttle(caller, ask, dice, date)
    }

    fn fence(&mut self, caller: &Caller, ask: &Ask) -> Result<(), Said> {
        let payer = caller.tax_no.as_ref().and_then(|tax_no| self.payers.get_mut(tax_no));
        let Some(payer) = payer else { return Ok(()) };
        let guarded = matches!(ask, Ask::Submit(_) | Ask::Switch | Ask::ReadBack(_));
        if guarded && caller.fence < payer.fence {
            self.book.counts.stale_fences_refused += 1;
            return Err(Said::Stale);
        }
        payer.fence = payer.fence.max(caller.fence);
        Ok(())
    }

    fn session(
        &mut self,
        caller: &Caller,
        ask: &Ask,
        dice: Dice,
        date: Moment,
    ) -> Result<(), (Said, Option<FaultName>)> {
        if matches!(ask, Ask::Login) {
            return Ok(());
        }
        let kicked = self.strikes(FaultName::KickOut, caller, ask, dice).is_some();
        let account = caller.lane.as_ref().and_then(|lane| self.accounts.get_mut(lane));
        let Some(account) = account else {
            let sentence = "税局没有该账号。";
            return Err((Said::Refused { code: "13", sentence }, None));
        };
        if kicked {
            account.session_until = None;
            return Err((account.logged_out(), Some(FaultName::KickOut)));
        }
        if account.is_online(date) { Ok(()) } else { Err((account.logged_out(), None)) }
    }

    fn throttle(
        &mut self,
        caller: &Caller,
        ask: &Ask,
        dice: Dice,
        date: Moment,
    ) -> Result<(), (Said, Option<FaultName>)> {
        let struck = self.strikes(FaultName::Throttle, caller, ask, dice);
        let fault = struck.map(|_| FaultName::Throttle);
        let payer = caller.tax_no.as_ref().and_then(|tax_no| self.payers.get_mut(tax_no));
        let Some(payer) = payer else { return Ok(()) };
        if let Some(lasting) = struck.and_then(|struck| struck.lasting) {
            let lasting = TimeDelta::from_std(lasting).unwrap_or_default();
            payer.throttled_until = Some(date + lasting);
        }
        match payer.throttled_until.filter(|until| date < *until) {
            // Reading back and switching go on: they do not touch the tax number's pages.
            Some(_) if matches!(ask, Ask::Switch | Ask::ReadBack(_)) => Ok(()),
            Some(until) => {
                let said = Said::Throttled { whole_account: false, until, sentence: PROTECTION };
                Err((said, fault))
            }
            None => Ok(()),
        }
    }

    /// Everything but submissions.
    fn answer(&mut self, caller: &Caller, ask: &Ask, date: Moment, twice: bool) -> Said {
        let nowhere = || Said::Refused { code: "13", sentence: "税局没有该账号。" };
        match (ask, &caller.lane, &caller.tax_no) {
            (Ask::Login, Some(lane), _) => self.log_in(lane, date),
            (Ask::CurrentTaxNumber, Some(lane), _) => {
                Said::Current(self.accounts.get(lane).and_then(|account| account.current.clone()))
            }
            (Ask::Switch, Some(lane), _) => self.switch(caller, lane, date),
            (Ask::Period { figures }, _, Some(tax_no)) => match self.desk_of(caller, tax_no) {
                Ok(()) => self.period(tax_no, *figures),
                Err(said) => said,
            },
            (Ask::Uses(keys), _, Some(tax_no)) => match self.desk_of(caller, tax_no) {
                Ok(()) => Said::Uses(self.uses(tax_no, keys)),
                Err(said) => said,
            },
            (Ask::Result(receipt), _, Some(tax_no)) => self.result(receipt, tax_no),
            (Ask::Page { receipt, page }, _, Some(tax_no)) => {
                self.page(receipt, tax_no, *page, twice)
            }
            (Ask::File { receipt, file }, _, Some(tax_no)) => self.file(receipt, tax_no, file),
            (Ask::ReadBack(kind), _, Some(_)) => Said::ReadBack(self.read_back(caller, *kind)),
            _ => nowhere(),
        }
    }

    /// A robot's browser must stand on the tax number's pages.
    pub(super) fn desk_of(&self, caller: &Caller, tax_no: &TaxNo) -> Result<(), Said> {
        match (caller.channel, &caller.lane) {
            (ChannelKind::Etax, Some(lane)) => self.at_desk(lane, tax_no),
            _ => Ok(()),
        }
    }

    fn period(&mut self, tax_no: &TaxNo, with_figures: bool) -> Said {
        let figures = with_figures.then(|| self.figures(tax_no));
        match self.payers.get_mut(tax_no) {
            Some(payer) => {
                let facts = PeriodFacts { period: payer.period, statistic: payer.table().state };
                Said::Period(facts, figures)
            }
            None => Said::Refused { code: "04", sentence: "税局查无此税号。" },
        }
    }

    fn result(&self, receipt: &str, tax_no: &TaxNo) -> Said {
        match self.submissions.get(receipt).filter(|one| one.tax_no == *tax_no) {
            Some(Submission { effect: Some(effect), .. }) => {
                Said::Outcome(Box::new(effect.clone()))
            }
            Some(Submission { effect: None, .. }) => Said::Running,
            None => Said::NotDone(format!("no submission with the receipt {receipt} is known")),
        }
    }

    fn read_back(&self, caller: &Caller, kind: Kind) -> Found {
        let Some((receipt, submission)) = self.submissions.newest_of(&caller.request) else {
            return Found::Absent;
        };
        if kind.traits().read_back == ReadBack::ByRequest {
            return Found::CannotTell;
        }
        match &submission.effect {
            Some(effect) if effect.carried_out() => Found::TookEffect(Box::new(effect.clone())),
            // A refusal is told in full to whoever asks with the receipt.
            Some(_) | None => Found::InProgress(receipt.clone()),
        }
    }
}
