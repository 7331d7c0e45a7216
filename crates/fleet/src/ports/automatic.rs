//! Rules of automatic work, their runs, and which invoices each rule has tried.

use super::{StoreError, desk::Note, pool::NO_DATE};
use async_trait::async_trait;
use chrono::NaiveDate;
use domain::{
    Moment,
    automatic::{AutoRule, Candidate, Chosen, Look, Run},
    ids::Fence,
    invoice::{Entry, InvoiceKey},
    money::Fen,
    period::TaxPeriod,
    tax_no::TaxNo,
};
use std::{fmt::Debug, time::Duration};

/// A rule as it is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptRule {
    pub rule: AutoRule,
    /// Rises with every change; 0 is one that is not kept yet.
    pub version: u32,
    /// Times of its schedule until then are done with.
    pub ran_until: Moment,
}

/// A run that somebody works at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldRun {
    pub run: Run,
    /// Whoever holds it with a lower one is stale, and writes nothing.
    pub fence: Fence,
}

/// What became of beginning a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Begun {
    Held(Box<HeldRun>),
    /// Another run of the rule has not ended: one at a time.
    Busy,
    /// It ran for this time already.
    Before,
    /// The rule is gone, or another than was read.
    Changed,
}

/// Which of a rule's tries to forget; those of a run that has not ended stay.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reset {
    All,
    /// Of the run for this time.
    Run(Moment),
    Invoice {
        tax_no: TaxNo,
        key: InvoiceKey,
    },
}

/// Where a page of candidates begins: after this one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AfterCandidate {
    pub date: NaiveDate,
    pub key: InvoiceKey,
    pub tax_no: TaxNo,
}

impl AfterCandidate {
    pub fn of(candidate: &Candidate) -> AfterCandidate {
        AfterCandidate {
            date: candidate.invoice.date.unwrap_or(NO_DATE),
            key: candidate.invoice.key.clone(),
            tax_no: candidate.tax_no.clone(),
        }
    }
}

#[async_trait]
pub trait AutomaticBook: Send + Sync + Debug {
    /// Keeps a rule over the version that it names, 0 for a new one, and audits it. `ran_until`
    /// only rises. None: it is another version now (or there, or gone), and nothing was done.
    async fn put_rule(&self, rule: &KeptRule, note: &Note) -> Result<Option<u32>, StoreError>;

    async fn rule(&self, rule_id: &str) -> Result<Option<KeptRule>, StoreError>;

    /// All of them, by their ids.
    async fn rules(&self) -> Result<Vec<KeptRule>, StoreError>;

    /// Removes this version of a rule; its history and what it has tried stay. False: it is
    /// another version now, or gone.
    async fn remove_rule(
        &self,
        rule_id: &str,
        version: u32,
        note: &Note,
    ) -> Result<bool, StoreError>;

    /// Begins a run of this version of its rule and holds it for a lease: exactly one does for one
    /// rule and time, however many try. A scheduled one is done with its time by that.
    async fn begin_run(
        &self,
        run: &Run,
        version: u32,
        lease: Duration,
    ) -> Result<Begun, StoreError>;

    /// Takes over runs whose lease is over.
    async fn take_over_runs(
        &self,
        lease: Duration,
        limit: usize,
    ) -> Result<Vec<HeldRun>, StoreError>;

    /// False: it has passed on, or ended.
    async fn renew_run(&self, held: &HeldRun, lease: Duration) -> Result<bool, StoreError>;

    /// Invoices that match, by date, number, code and buyer, the oldest first; those without a date
    /// before all others.
    async fn candidates(
        &self,
        look: &Look,
        after: Option<&AfterCandidate>,
        limit: usize,
    ) -> Result<Vec<Candidate>, StoreError>;

    /// The tax of all that a rule has tried for a target of this period.
    async fn tax_tried(&self, rule_id: &str, period: TaxPeriod) -> Result<Fen, StoreError>;

    /// Writes down what a run takes, which are the rule's tries from then on, and the run as it is
    /// now. False, and nothing is written: it has passed on, or chosen before.
    async fn note_choice(&self, held: &HeldRun, chosen: &[Chosen]) -> Result<bool, StoreError>;

    /// What the run of a rule for this time took, in its order.
    async fn chosen(&self, rule_id: &str, at: Moment) -> Result<Vec<Chosen>, StoreError>;

    /// Enters those of the chosen invoices that are still 未入账, notes all of them as tries and
    /// ends the run, in one transaction. The run as it ended; None, and nothing is written: it has
    /// passed on, or ended.
    async fn enter(
        &self,
        held: &HeldRun,
        chosen: &[Chosen],
        entry: Entry,
    ) -> Result<Option<Run>, StoreError>;

    /// Writes the run as it ended. False: it has passed on, or ended before.
    async fn end_run(&self, held: &HeldRun) -> Result<bool, StoreError>;

    /// Runs of a rule, newest first, for times before this one.
    async fn rule_runs(
        &self,
        rule_id: &str,
        before: Option<Moment>,
        limit: usize,
    ) -> Result<Vec<Run>, StoreError>;

    /// Forgets tries, so that the rule may choose these invoices again, and audits it; how many.
    async fn reset_tries(
        &self,
        rule_id: &str,
        which: &Reset,
        note: &Note,
    ) -> Result<u64, StoreError>;
}

/// How the audit names a rule.
pub fn subject(rule_id: &str) -> String {
    format!("automatic rule {rule_id}")
}
