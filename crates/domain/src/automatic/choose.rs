//! Which invoices a run takes.
//!
//! Every candidate is judged by itself; those that may be taken are put in the rule's order and taken
//! from the oldest on, until the run has as many as it may. With a target an invoice is passed
//! over when its tax is more than what is left *at its turn*, and the next older one is looked at:
//! so the sum never goes beyond the target, and none that was passed over would still fit at the end.

use super::{AutoRule, Order, Run, Skip, SkippedInvoice, Target, Work, limits};
use crate::{
    Moment,
    invoice::{InvoiceStatus, PoolInvoice, Purpose, Risk, Selection, TaskInvoice},
    kind::Kind,
    money::Fen,
    rules,
    statistic::StatisticState,
    tax_no::TaxNo,
    taxpayer::Taxpayer,
};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// An invoice of the pool that matches a rule's conditions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    pub tax_no: TaxNo,
    /// `Selecting` while an unfinished task holds it.
    pub invoice: PoolInvoice,
    /// 采集时间
    pub collected_at: Option<Moment>,
    pub purpose: Option<Purpose>,
    /// An earlier run of the rule has chosen it.
    pub tried: bool,
}

/// What is known around a candidate.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// None: nobody knows the tax number.
    pub taxpayer: Option<&'a Taxpayer>,
    /// As cached, of the current period.
    pub statistic: Option<StatisticState>,
}

/// What a run takes, and what it passes over.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Choice {
    /// In the rule's order.
    pub chosen: Vec<Candidate>,
    /// Candidates that were looked at.
    pub looked_at: usize,
    /// More could be chosen than are compared: [`limits::COMPARED`].
    pub more: bool,
    /// What is left until the target; None: there is no target.
    pub left: Option<Fen>,
    /// How many were passed over, by the code of the reason.
    pub skipped: BTreeMap<String, usize>,
    /// The first of them: [`limits::SKIPS`].
    pub skips: Vec<SkippedInvoice>,
}

impl Choice {
    /// Of what is chosen, without tax.
    pub fn amount(&self) -> Fen {
        Fen(self.chosen.iter().map(|one| one.invoice.amount.0).sum())
    }

    pub fn tax(&self) -> Fen {
        Fen(self.chosen.iter().map(|one| one.invoice.tax.0).sum())
    }

    fn skip(&mut self, candidate: &Candidate, why: Skip) {
        *self.skipped.entry(why.code().to_owned()).or_default() += 1;
        if self.skips.len() < limits::SKIPS {
            self.skips.push(SkippedInvoice {
                tax_no: candidate.tax_no.clone(),
                key: candidate.invoice.key.clone(),
                code: why.code().to_owned(),
                sentence: why.sentence(),
            });
        }
    }
}

/// A choice that is being made, candidate after candidate.
#[derive(Debug)]
pub struct Choosing<'a> {
    rule: &'a AutoRule,
    settings: rules::Settings,
    today: NaiveDate,
    fit: Vec<Candidate>,
    choice: Choice,
}

impl<'a> Choosing<'a> {
    /// `today` in Asia/Shanghai.
    pub fn new(rule: &'a AutoRule, settings: rules::Settings, today: NaiveDate) -> Choosing<'a> {
        let choice = Choice::default();
        Choosing { rule, settings, today, fit: Vec::new(), choice }
    }

    /// Looks at the next candidate, by invoice date the oldest first. False: no more are compared.
    pub fn look(&mut self, candidate: Candidate, known: &Known<'_>) -> bool {
        if self.fit.len() == limits::COMPARED {
            self.choice.more = true;
            return false;
        }
        self.choice.looked_at += 1;
        match self.judge(&candidate, known) {
            Some(why) => self.choice.skip(&candidate, why),
            None => self.fit.push(candidate),
        }
        true
    }

    /// Takes what is to be taken. `before`: the tax that earlier runs of the rule chose for the
    /// target's period.
    pub fn choose(mut self, before: Fen) -> Choice {
        let rule = self.rule;
        self.fit.sort_by(|one, other| place(rule.order, one).cmp(&place(rule.order, other)));
        self.choice.left = rule.work.target().map(|target| target.room(before));
        for candidate in self.fit {
            let tax = candidate.invoice.tax;
            let why = match self.choice.left {
                _ if self.choice.chosen.len() == rule.most => Some(Skip::OverMost),
                Some(left) if tax > left => Some(Skip::OverTarget),
                _ => None,
            };
            match why {
                Some(why) => self.choice.skip(&candidate, why),
                None => {
                    self.choice.left = self.choice.left.map(|left| Fen(left.0 - tax.0));
                    self.choice.chosen.push(candidate);
                }
            }
        }
        self.choice
    }

    fn judge(&self, candidate: &Candidate, known: &Known<'_>) -> Option<Skip> {
        if candidate.tried {
            return Some(Skip::Tried);
        }
        let Some(kind) = self.rule.work.kind() else { return not_bookable(&candidate.invoice) };
        if candidate.invoice.selection == Selection::Selecting {
            return Some(Skip::Held);
        }
        let decided = candidate.invoice.selection == Selection::PreSelected;
        if decided && candidate.purpose == Some(Purpose::NonDeduction) {
            return Some(Skip::OtherPurpose);
        }
        if let Some(rule) = self.refused(kind, candidate, known) {
            return Some(Skip::Rule(rule));
        }
        let no_tax = candidate.invoice.tax <= Fen(0);
        (no_tax && self.rule.work.target().is_some()).then_some(Skip::NoTax)
    }

    /// What the rules would say of a task with this invoice alone: a bad one would fail all of
    /// its task.
    fn refused(&self, kind: Kind, candidate: &Candidate, known: &Known<'_>) -> Option<rules::Rule> {
        let invoice = &candidate.invoice;
        let mut asked = TaskInvoice::new(invoice.key.clone(), invoice.invoice_type);
        if let Work::NonDeduct { reason } = &self.rule.work {
            asked.non_deduction_reason = Some(reason.reason());
        }
        let of_target = self.rule.work.target().map(|target: Target| target.period);
        let period = of_target.or(known.taxpayer.and_then(|payer| payer.period));
        let pool = [Some(invoice.clone())];
        let request = rules::Request {
            kind,
            tax_no: &candidate.tax_no,
            taxpayer: known.taxpayer,
            invoices: std::slice::from_ref(&asked),
            pool: &pool,
            statistic: known.statistic,
            period,
        };
        if let Err(refusal) = rules::check(&request, self.settings) {
            return Some(refusal.rule);
        }
        let channel = known.taxpayer.and_then(Taxpayer::channel_kind);
        if !rules::list::complete(invoice, channel) {
            return Some(rules::Rule::PoolIncomplete);
        }
        // The period is not known: what is of a day to come cannot be due in any.
        let early = period.is_none() && invoice.date.is_some_and(|date| date > self.today);
        (early && kind != Kind::PreSelect).then_some(rules::Rule::FutureDated)
    }
}

fn not_bookable(invoice: &PoolInvoice) -> Option<Skip> {
    let good = matches!(invoice.status, InvoiceStatus::Normal | InvoiceStatus::PartlyReversed)
        && matches!(invoice.risk, Risk::Unknown | Risk::Normal);
    (!good).then_some(Skip::NotBookable)
}

type Place<'a> = (Option<Moment>, Option<NaiveDate>, &'a str, &'a str, &'a str);

/// Oldest first; what is unknown counts as the oldest.
fn place(order: Order, candidate: &Candidate) -> Place<'_> {
    let collected = candidate.collected_at.filter(|_| order == Order::Collected);
    let key = &candidate.invoice.key;
    (collected, candidate.invoice.date, &key.number, &key.code, candidate.tax_no.as_str())
}

impl Run {
    /// What was chosen, written into the run.
    pub fn chose(&mut self, choice: &Choice) {
        self.chosen = choice.chosen.len();
        (self.amount, self.tax) = (choice.amount(), choice.tax());
        self.left = choice.left;
        (self.looked_at, self.more) = (choice.looked_at, choice.more);
        self.skipped.clone_from(&choice.skipped);
        self.skips.clone_from(&choice.skips);
    }
}
