//! Automatic work (自动勾选, 自动入账): rules that people write, what a run of one chooses, and what
//! it leaves behind.
//!
//! A rule says which invoices of the pool, in which order, how many at most and what is done with
//! them. [`Choosing`] is the only place where it is decided which they are; a dry run and a real one
//! take the same way.

mod choose;
mod run;
mod schedule;
mod skip;
mod wire;

pub use choose::{Candidate, Choice, Choosing, Known};
pub use run::{Cause, Chosen, Run, RunOutcome, RunState, SkippedInvoice};
pub use schedule::{NotASchedule, Schedule};
pub use skip::Skip;

use crate::{
    Moment,
    batch::BatchPurpose,
    invoice::{EntryState, InvoiceType, Selectable, Selection},
    kind::{Action, Kind},
    list::Reason,
    located::Wrong,
    money::Fen,
    period::{TaxPeriod, date_in_shanghai},
    tax_no::TaxNo,
};
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How many, each with its unit.
pub mod limits {
    /// Rules that there are at most.
    pub const RULES: usize = 500;
    /// Characters of a rule's id.
    pub const ID_CHARS: usize = 64;
    /// Characters of a name, an organisation, a source, a kind of document.
    pub const TEXT_CHARS: usize = 100;
    /// Values of one condition.
    pub const VALUES: usize = 200;
    /// Days that "the last days" reach back.
    pub const LAST_DAYS: u32 = 3_660;
    /// Invoices that one run chooses.
    pub const MOST: usize = 10_000;
    /// The same, when nothing is said.
    pub const MOST_USUALLY: usize = 1_000;
    /// Invoices that could be chosen and are compared in one run; of more the oldest by their
    /// date.
    pub const COMPARED: usize = 50_000;
    /// Passed-over invoices that a run remembers one by one; the rest is counted.
    pub const SKIPS: usize = 200;
    /// Runs that the history keeps of one rule.
    pub const HISTORY: usize = 1_000;
    /// How often a run is taken over from a worker that stopped, before it is given up.
    pub const TAKEOVERS: u32 = 5;
}

/// A rule that people wrote.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "wire::Form", into = "wire::Form")]
pub struct AutoRule {
    /// Letters, digits, `-` and `_`.
    pub rule_id: String,
    pub name: String,
    pub enabled: bool,
    pub work: Work,
    pub when: Conditions,
    pub order: Order,
    /// Invoices of one run at most.
    pub most: usize,
    /// None: only when a person says so.
    pub schedule: Option<Schedule>,
}

/// What a rule does with the invoices that it chooses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Work {
    /// 抵扣勾选
    Deduct { target: Option<Target> },
    /// 不抵扣勾选
    NonDeduct { reason: Reason },
    /// 预勾选
    PreSelect,
    /// 入账: in our pool alone.
    Enter,
}

/// How far the tax of one tax number is to be brought down, in one period.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Target {
    /// What would be paid without this rule.
    pub payable: Fen,
    /// What shall be left to pay, at least.
    pub target: Fen,
    pub period: TaxPeriod,
}

/// Which invoices; a list that is empty and an end that is None ask for nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Conditions {
    pub tax_nos: Vec<TaxNo>,
    /// Whose they are, as rights go: 核算组织 of the invoice, without one 税务组织 of the buyer.
    pub organisations: Vec<String>,
    /// 核算组织
    pub accounting_orgs: Vec<String>,
    /// 税务组织
    pub tax_orgs: Vec<String>,
    /// 数据来源
    pub sources: Vec<String>,
    /// 单据类型
    pub document_types: Vec<String>,
    pub types: Vec<InvoiceType>,
    pub dates: Dates,
    /// Without tax; both ends count.
    pub amount_from: Option<Fen>,
    pub amount_to: Option<Fen>,
    /// 是否可抵扣
    pub deductible: Option<bool>,
}

/// Invoice dates, in Asia/Shanghai.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Dates {
    #[default]
    All,
    /// Both ends count; one of them is there.
    Between { from: Option<NaiveDate>, to: Option<NaiveDate> },
    /// So many days, today's among them.
    Last(u32),
}

/// Which invoices come first: the oldest by this.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// 开票日期
    #[default]
    InvoiceDate,
    /// 采集时间; those that have none come first.
    Collected,
}

/// The rule cannot be read: which field, and what is wrong there.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct MalformedRule {
    pub field: String,
    pub problem: String,
}

impl From<Wrong> for MalformedRule {
    fn from(wrong: Wrong) -> MalformedRule {
        MalformedRule { field: wrong.field, problem: wrong.problem }
    }
}

/// What is asked of the pool for one run; all that is set must match.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Look {
    /// Whose earlier tries are told of.
    pub rule_id: String,
    pub when: Conditions,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    /// As they stand, whoever holds the invoice; empty: any.
    pub selections: Vec<Selection>,
    /// None: any.
    pub entry: Option<EntryState>,
}

impl Work {
    pub const fn name(&self) -> &'static str {
        match self {
            Work::Deduct { .. } => "deduct",
            Work::NonDeduct { .. } => "non_deduct",
            Work::PreSelect => "pre_select",
            Work::Enter => "enter",
        }
    }

    /// What people read.
    pub const fn label(&self) -> &'static str {
        match self {
            Work::Deduct { .. } => "抵扣勾选",
            Work::NonDeduct { .. } => "不抵扣勾选",
            Work::PreSelect => "预勾选",
            Work::Enter => "入账",
        }
    }

    /// What the batch of a run is for; None: a run makes none.
    pub const fn purpose(&self) -> Option<BatchPurpose> {
        match self {
            Work::Deduct { .. } => Some(BatchPurpose::Deduction),
            Work::NonDeduct { .. } => Some(BatchPurpose::NonDeduction),
            Work::PreSelect => Some(BatchPurpose::PreSelection),
            Work::Enter => None,
        }
    }

    fn kind(&self) -> Option<Kind> {
        self.purpose().map(|purpose| purpose.kind(Action::Select))
    }

    pub fn target(&self) -> Option<Target> {
        match self {
            Work::Deduct { target } => *target,
            _ => None,
        }
    }
}

impl Target {
    /// What may still be deducted after so much was chosen for the period.
    pub fn room(&self, chosen: Fen) -> Fen {
        Fen((self.payable.0 - self.target.0 - chosen.0).max(0))
    }
}

impl Dates {
    /// The first and the last day, on a day in Asia/Shanghai.
    pub fn on(self, today: NaiveDate) -> (Option<NaiveDate>, Option<NaiveDate>) {
        match self {
            Dates::All => (None, None),
            Dates::Between { from, to } => (from, to),
            Dates::Last(days) => {
                let first = today.checked_sub_days(Days::new(u64::from(days.saturating_sub(1))));
                (first, Some(today))
            }
        }
    }
}

impl Conditions {
    /// Whether every invoice that can match is one of these organisations', as rights go, whatever
    /// the pool holds. 税务组织 does not tell: an invoice with a 核算组织 is that organisation's.
    pub fn lie_within(&self, held: &BTreeSet<String>) -> bool {
        let all = |orgs: &[String]| !orgs.is_empty() && orgs.iter().all(|org| held.contains(org));
        all(&self.organisations) || all(&self.accounting_orgs)
    }
}

impl AutoRule {
    /// What to ask of the pool. Without types a selection asks for those that can be selected at
    /// all; without a word about 是否可抵扣, what is deducted or pre-selected must be deductible.
    pub fn look(&self, now: Moment) -> Look {
        let (from, to) = self.when.dates.on(date_in_shanghai(now));
        let mut when = self.when.clone();
        if self.work != Work::Enter && when.types.is_empty() {
            let selectable = |of: &InvoiceType| of.selectable() != Selectable::No;
            when.types = InvoiceType::all().filter(selectable).collect();
        }
        let (selections, entry) = match self.work {
            Work::Deduct { .. } => (vec![Selection::Unselected, Selection::PreSelected], None),
            Work::NonDeduct { .. } | Work::PreSelect => (vec![Selection::Unselected], None),
            Work::Enter => (Vec::new(), Some(EntryState::NotEntered)),
        };
        if matches!(self.work, Work::Deduct { .. } | Work::PreSelect) {
            when.deductible = when.deductible.or(Some(true));
        }
        Look { rule_id: self.rule_id.clone(), when, from, to, selections, entry }
    }

    /// When it runs next, after a time that it has run for.
    pub fn next_after(&self, at: Moment) -> Option<Moment> {
        self.schedule.as_ref().filter(|_| self.enabled)?.next_after(at)
    }

    /// The time that it is due for: the last one that has come since it was last looked at.
    pub fn due(&self, ran_until: Moment, now: Moment) -> Option<Moment> {
        self.schedule.as_ref().filter(|_| self.enabled)?.last_between(ran_until, now)
    }

    /// Whether times that came before the change must not be made up for: nobody wanted the rule
    /// to run at them.
    pub fn begins_anew(&self, before: &AutoRule) -> bool {
        self.schedule != before.schedule || self.enabled && !before.enabled
    }
}

#[cfg(test)]
mod tests;
