//! The model: submissions with their receipts, effects and outcomes, and statistic tables.

use super::{
    books::{Books, Line, wanted},
    habits::Habits,
    referee::Referee,
    session::{Account, Fence0},
    uses::unread,
};
use crate::chance::Dice;
use domain::{
    Moment,
    answer::{Answer, Outcome, Part, PeriodFacts, ReadBackAnswer, Receipt, ThrottleScope},
    bureau::LaneKey,
    ids::TaskId,
    invoice::{InvoiceKey, InvoiceUse},
    kind::Kind,
    ledger::{LedgerLine, LineOutcome},
    period::TaxPeriod,
    statistic::StatisticState,
    task::Act,
    tax_no::TaxNo,
};
use fleet::ports::channel::{Call, Order};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

#[derive(Debug, Clone)]
pub(super) struct Submission {
    pub(super) task: TaskId,
    kind: Kind,
    act: Act,
    tax_no: TaxNo,
    order: Order,
    ends: Moment,
    /// The code of the refusal that it ends with.
    refused: Option<&'static str>,
    told: bool,
    /// It has been looked at after its end.
    over: bool,
    /// What it did to its invoices, if it selects or deselects.
    lines: Vec<(InvoiceKey, Line)>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Bureau {
    pub(crate) dice: Arc<Dice>,
    pub(crate) habits: Habits,
    pub(crate) referee: Referee,
    pub(crate) period: TaxPeriod,
    pub(crate) books: Books,
    pub(super) accounts: BTreeMap<LaneKey, Account>,
    /// The highest fence seen of each tax number.
    pub(super) fences: BTreeMap<TaxNo, Fence0>,
    statistics: BTreeMap<TaxNo, StatisticState>,
    pub(super) submissions: Vec<Submission>,
    /// Those that have not ended.
    open: Vec<usize>,
    /// How often the bureau was in which mood.
    pub(crate) moods: BTreeMap<&'static str, u64>,
}

impl Bureau {
    pub(crate) fn new(dice: Arc<Dice>, habits: Habits, period: TaxPeriod) -> Bureau {
        Bureau {
            dice,
            habits,
            referee: Referee::default(),
            period,
            books: Books::default(),
            accounts: BTreeMap::new(),
            fences: BTreeMap::new(),
            statistics: BTreeMap::new(),
            submissions: Vec::new(),
            open: Vec::new(),
            moods: BTreeMap::new(),
        }
    }

    pub(crate) fn set_statistic(&mut self, tax_no: &TaxNo, state: StatisticState) {
        self.statistics.insert(tax_no.clone(), state);
    }

    pub(super) fn mood(&mut self, name: &'static str, once_in: u32) -> bool {
        let struck = self.dice.once_in(once_in);
        if struck {
            *self.moods.entry(name).or_default() += 1;
        }
        struck
    }

    /// Effects whose time has come.
    pub(crate) fn ripen(&mut self, now: Moment) {
        let (due, open) = std::mem::take(&mut self.open)
            .into_iter()
            .partition(|n| self.submissions[*n].ends <= now);
        self.open = open;
        let due: Vec<usize> = due;
        for n in due {
            self.take_effect(n);
        }
    }

    fn take_effect(&mut self, n: usize) {
        let table = self.statistic(&self.submissions[n].tax_no);
        let submission = &mut self.submissions[n];
        submission.over = true;
        let own = submission.act.is_the_tasks_own().then_some(submission.kind);
        submission.refused = submission.refused.or(refusal(own, table));
        if submission.refused.is_some() || !submission.kind.acts_at_bureau() {
            return;
        }
        let Submission { task, act, ends, .. } = *submission;
        let state = leaves_behind(act, submission.kind);
        let tax_no = submission.tax_no.clone();
        if let Some(state) = state {
            self.statistics.insert(tax_no, state);
        }
        if own.is_none_or(|kind| kind.action().is_none()) || self.carry_out(n) {
            self.referee.effect(task, act, ends);
        }
    }

    /// Selects or deselects, invoice by invoice. Whether anything is now as it was to be.
    fn carry_out(&mut self, n: usize) -> bool {
        let Submission { kind, tax_no, order, .. } = self.submissions[n].clone();
        let mut lines = Vec::new();
        let mut as_wanted = false;
        for invoice in &order.invoices {
            let line = if self.mood("partial", self.habits.partial) {
                Line::Refused
            } else {
                self.books.apply(kind, &tax_no, &invoice.key, self.period)
            };
            if line == Line::Already {
                *self.moods.entry("already").or_default() += 1;
            }
            as_wanted |=
                line != Line::Refused && self.used_for(&tax_no, &invoice.key) == wanted(kind);
            lines.push((invoice.key.clone(), line));
        }
        self.submissions[n].lines = lines;
        as_wanted
    }

    fn used_for(&self, tax_no: &TaxNo, key: &InvoiceKey) -> Option<InvoiceUse> {
        self.books.reading(tax_no, key).map(|read| read.used_for)
    }

    pub(crate) fn period(&mut self, call: &Call) -> Result<PeriodFacts, Answer> {
        self.referee.statistic_queries += 1;
        if let Some(answer) = self.session(call, true) {
            return Err(answer);
        }
        if self.mood("falter", self.habits.falter) {
            return Err(Answer::Faltered { sentence: "系统繁忙".into() });
        }
        Ok(PeriodFacts { period: self.period, statistic: self.statistic(&call.tax_no) })
    }

    fn statistic(&self, tax_no: &TaxNo) -> StatisticState {
        self.statistics.get(tax_no).copied().unwrap_or(StatisticState::NotGenerated)
    }

    /// `works` is how long the bureau works at it.
    pub(crate) fn submit(
        &mut self,
        call: &Call,
        order: &Order,
        now: Moment,
        works: Duration,
    ) -> Answer {
        if let Some(answer) = self.session(call, true) {
            return answer;
        }
        if let Some(answer) = self.bad_mood(now) {
            return answer;
        }
        if order.kind.action().is_some() && self.statistic(&call.tax_no).locks_selection() {
            let outcome =
                Outcome { statistic: Some(StatisticState::Generated), ..Outcome::default() };
            let (code, sentence) = ("05".into(), "统计表已生成".into());
            return Answer::Refused { code, sentence, outcome: Box::new(outcome) };
        }
        let own = call.act.is_the_tasks_own().then_some(order.kind);
        if let Some(code) =
            refusal(own, self.statistic(&call.tax_no)).filter(|_| self.dice.once_in(2))
        {
            let (code, sentence) = (code.into(), "税局当场拒绝".into());
            return Answer::Refused { code, sentence, outcome: Box::default() };
        }
        if order.kind == Kind::InvoiceUseQuery {
            // Robots tell the uses at once; of 乐企 they are read in portions.
            let keys: Vec<InvoiceKey> = order.invoices.iter().map(|one| one.key.clone()).collect();
            return Answer::Succeeded(match call.lane.account.is_leqi() {
                true => unread(&keys),
                false => self.by_uses(order.kind, &call.tax_no, &keys),
            });
        }
        if !order.kind.acts_at_bureau() && self.dice.once_in(2) {
            return Answer::Succeeded(Outcome::default());
        }
        let ends = now + works;
        self.referee.taken(call.task, order.kind, &call.tax_no, now, ends);
        let refused = self.mood("refuse_later", self.habits.refuse_later).then_some("98");
        let confirms = call.act.is_the_tasks_own() && order.kind == Kind::StatisticConfirm;
        let mismatch = confirms && self.mood("mismatch", self.habits.mismatch);
        let refused = refused.or(mismatch.then_some("333"));
        let told = !self.mood("never_tell", self.habits.never_tell);
        let number = self.submissions.len();
        self.submissions.push(Submission {
            task: call.task,
            kind: order.kind,
            act: call.act,
            tax_no: call.tax_no.clone(),
            order: order.clone(),
            ends,
            refused,
            told,
            over: false,
            lines: Vec::new(),
        });
        self.open.push(number);
        Answer::Accepted(Receipt(number.to_string()))
    }

    fn bad_mood(&mut self, now: Moment) -> Option<Answer> {
        if self.mood("falter", self.habits.falter) {
            return Some(Answer::Faltered { sentence: "系统繁忙".into() });
        }
        if self.mood("throttle", self.habits.throttle) {
            let lane = self.dice.once_in(2);
            let scope = if lane { ThrottleScope::Lane } else { ThrottleScope::TaxNumber };
            let until = now + self.dice.millis(1_000..8_000);
            return Some(Answer::Throttled { scope, until, sentence: "访问过于频繁".into() });
        }
        if self.mood("refuse", self.habits.refuse) {
            let (code, sentence) = ("99".into(), "税局拒绝".into());
            return Some(Answer::Refused { code, sentence, outcome: Box::default() });
        }
        None
    }

    pub(crate) fn result(&mut self, call: &Call, receipt: &Receipt, now: Moment) -> Answer {
        if let Some(answer) = self.session(call, false) {
            return answer;
        }
        self.ripen(now);
        let number = receipt.0.parse::<usize>().ok();
        let Some(submission) = number.and_then(|n| self.submissions.get(n)).cloned() else {
            return Answer::Faltered { sentence: "回执不存在".into() };
        };
        if !submission.over || !submission.told {
            return Answer::Running;
        }
        if let Some(code) = submission.refused {
            let (code, sentence) = (code.into(), "审核不通过".into());
            return Answer::Refused { code, sentence, outcome: Box::default() };
        }
        Answer::Succeeded(self.outcome(&submission))
    }

    fn outcome(&mut self, submission: &Submission) -> Outcome {
        let doubt = submission.kind.action().is_some() && self.mood("doubt", self.habits.doubt);
        let line = |(key, line): &(InvoiceKey, Line)| LedgerLine {
            invoice: key.clone(),
            outcome: match line {
                Line::Refused => LineOutcome::Refused,
                Line::Already => LineOutcome::Unknown,
                Line::Done if doubt => LineOutcome::Unknown,
                Line::Done => LineOutcome::Succeeded,
            },
            reason: String::new(),
        };
        let lines: Vec<LedgerLine> = submission.lines.iter().map(line).collect();
        let in_doubt = lines.iter().any(|line| line.outcome == LineOutcome::Unknown);
        let parts = match submission.kind {
            Kind::InvoiceDownload => vec![Part::Page("1".into()), Part::Page("2".into())],
            _ => Vec::new(),
        };
        let statistic = leaves_behind(submission.act, submission.kind);
        Outcome {
            lines,
            statistic,
            period: Some(self.period),
            read_use: in_doubt,
            parts,
            ..Outcome::default()
        }
    }

    /// 电子税局 raises the fence first, and its robot remembers requests; 乐企 sees only what
    /// has taken effect.
    pub(crate) fn read_back(&mut self, call: &Call, order: &Order, now: Moment) -> ReadBackAnswer {
        if let Some(answer) = self.session(call, false) {
            return ReadBackAnswer::NotRead(Box::new(answer));
        }
        self.ripen(now);
        let mine = self.submissions.iter().enumerate().rev();
        let latest = mine.filter(|(_, one)| (one.task, one.act) == (call.task, call.act));
        let latest = latest.filter(|(_, one)| !(one.over && one.refused.is_some()));
        let Some((number, submission)) = latest.map(|(n, one)| (n, one.clone())).next() else {
            return ReadBackAnswer::Absent;
        };
        let by_memory = !order.kind.can_be_read_back();
        if submission.over && by_memory && self.mood("forget", self.habits.forget) {
            return ReadBackAnswer::CannotTell { sentence: "无法核实".into() };
        }
        if submission.over && submission.told {
            return ReadBackAnswer::Found(self.outcome(&submission));
        }
        if call.lane.account.is_leqi() && !submission.over {
            return ReadBackAnswer::Absent;
        }
        let receipt = Some(Receipt(number.to_string()));
        ReadBackAnswer::InProgress(receipt.filter(|_| !self.dice.once_in(4)))
    }
}

/// The table's state after the act.
fn leaves_behind(act: Act, kind: Kind) -> Option<StatisticState> {
    match (act, kind) {
        (Act::WithdrawConfirmation | Act::RecreateTable, _) => Some(StatisticState::Generated),
        (Act::WithdrawTable, _) | (_, Kind::StatisticWithdraw) => {
            Some(StatisticState::NotGenerated)
        }
        (_, Kind::StatisticCreate) => Some(StatisticState::Generated),
        (_, Kind::StatisticConfirm) => Some(StatisticState::Confirmed),
        _ => None,
    }
}

/// What the table says to what a task is for; None: nothing is in its way.
fn refusal(kind: Option<Kind>, table: StatisticState) -> Option<&'static str> {
    match (kind?, table) {
        (Kind::StatisticWithdraw | Kind::StatisticCreate, StatisticState::Confirmed) => Some("10"),
        (Kind::StatisticConfirm, StatisticState::Confirmed) => Some("08"),
        (Kind::StatisticConfirm, StatisticState::NotGenerated) => Some("07"),
        _ => None,
    }
}
