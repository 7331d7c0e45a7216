//! Taking a submission, and what its fate is.

use super::{
    State,
    attend::{Attended, Delivery, Later, Loss},
    submission::Submission,
};
use crate::{
    channels::{Ask, Caller, Said, Work},
    dice::Dice,
    referee::Mark,
};
use domain::{
    Moment, kind::Kind, statistic::StatisticState, taxpayer::ChannelKind, world::FaultName,
};
use std::time::Duration;

/// How long after the success a silent undo comes when the fault does not say.
const UNDO_AFTER: Duration = Duration::from_secs(1);

impl State {
    pub(super) fn submit(
        &mut self,
        caller: &Caller,
        ask: &Ask,
        work: &Work,
        dice: Dice,
        now: Moment,
    ) -> Attended {
        let Some(tax_no) = caller.tax_no.clone() else {
            let sentence = "税局查无此税号。";
            return Attended::said(Said::Refused { code: "04", sentence }, None);
        };
        if let Err(said) = self.desk_of(caller, &tax_no) {
            return Attended::said(said, None);
        }
        self.book.counts.signed += u64::from(caller.signs);
        let behind = self.strikes(FaultName::StatisticGeneratedBehind, caller, ask, dice);
        if behind.is_some()
            && let Some(payer) = self.payers.get_mut(&tax_no)
        {
            payer.table().state = StatisticState::Generated;
        }
        let storm = self.strikes(FaultName::AlreadySelectedStorm, caller, ask, dice);
        let lane = caller.lane.clone().filter(|_| caller.channel == ChannelKind::Etax);
        let mark = self.book.taken(&caller.task, lane, tax_no.clone());
        let receipt = self.receipt(&caller.request);
        self.submissions.add(
            receipt.clone(),
            Submission {
                request: caller.request.clone(),
                tax_no,
                work: work.clone(),
                storm: storm.is_some(),
                mark: mark.clone(),
                effect: None,
            },
        );
        let first = behind
            .map(|_| FaultName::StatisticGeneratedBehind)
            .or(storm.map(|_| FaultName::AlreadySelectedStorm));
        self.fate(caller, ask, dice, now, (receipt, mark, first))
    }

    /// When a submission has its effect, and whether its answer is heard.
    fn fate(
        &mut self,
        caller: &Caller,
        ask: &Ask,
        dice: Dice,
        now: Moment,
        (receipt, mark, first): (String, Mark, Option<FaultName>),
    ) -> Attended {
        let late = self.strikes(FaultName::LateEffect, caller, ask, dice);
        let lost = self.strikes(FaultName::LostAnswer, caller, ask, dice);
        let undone = self.strikes(FaultName::SilentUndo, caller, ask, dice);
        let at_once = answers_at_once(caller, ask);
        let usual = match at_once {
            true => Duration::ZERO,
            false => Duration::from_millis(dice.between("outcome", self.outcome_ms)),
        };
        let after = late.and_then(|late| late.lasting).unwrap_or(usual);
        let mut later = Vec::new();
        if after.is_zero() {
            self.finish(&receipt, caller.channel, now);
        } else {
            later.push(Later::Finish { receipt: receipt.clone(), after });
        }
        if let Some(undone) = undone {
            let pause = undone.lasting.unwrap_or(UNDO_AFTER);
            later.push(Later::Undo { receipt: receipt.clone(), after: after + pause });
        }
        let effect = self.submissions.get(&receipt).and_then(|one| one.effect.clone());
        let said = match effect.filter(|_| at_once) {
            Some(effect) => Said::Outcome(Box::new(effect)),
            None => Said::Accepted(receipt),
        };
        let word = said.word();
        let struck = [
            late.map(|_| FaultName::LateEffect),
            lost.map(|_| FaultName::LostAnswer),
            undone.map(|_| FaultName::SilentUndo),
            first,
        ];
        let delivery = match (&late, &lost) {
            (None, None) => Delivery::Answer(said),
            _ => Delivery::Lost(Loss::any(dice)),
        };
        let fault = struck.into_iter().flatten().next();
        Attended { delivery, word, fault, later, mark: Some(mark) }
    }

    /// Thirty-two hexadecimal digits, as 乐企's batch serials have; the same for the same seed,
    /// request and repetition.
    fn receipt(&self, request: &str) -> String {
        let times = u32::try_from(self.submissions.times(request)).unwrap_or(u32::MAX);
        let dice = Dice::new(self.seed, request, "receipt", times);
        format!("{:016x}{:016x}", dice.number("first"), dice.number("second"))
    }
}

/// 乐企 changes a period while the caller waits: there is no service to ask for the result.
fn answers_at_once(caller: &Caller, ask: &Ask) -> bool {
    let changes = matches!(ask, Ask::Submit(Work { kind: Kind::PeriodChange, .. }));
    changes && caller.channel == ChannelKind::Leqi
}
