//! Rules, runs and tries as both databases take and return them.

use crate::{
    codec,
    facts_row::{self, FactsRow},
};
use domain::{
    Moment,
    automatic::{Candidate, Chosen, Run},
    ids::Fence,
    invoice::InvoiceKey,
    money::Fen,
};
use fleet::ports::{
    StoreError,
    automatic::{HeldRun, KeptRule},
};
use serde::{Serialize, de::DeserializeOwned};

/// A value as it is kept whole.
pub(crate) fn kept<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("names, numbers and lists are always JSON")
}

fn read_kept<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text)
        .map_err(|error| StoreError::Broken(format!("a kept rule or run cannot be read: {error}")))
}

fn moment(micros: i64) -> Result<Moment, StoreError> {
    let broken = || StoreError::Broken(format!("{micros} is not a moment"));
    Moment::from_timestamp_micros(micros).ok_or_else(broken)
}

/// Body, version, and until when its times are done with.
pub(crate) type RuleRow = (String, i32, i64);

pub(crate) fn rule((body, version, ran_until): RuleRow) -> Result<KeptRule, StoreError> {
    let (rule, ran_until) = (read_kept(&body)?, moment(ran_until)?);
    Ok(KeptRule { rule, version: codec::count(version), ran_until })
}

pub(crate) fn run(body: &str) -> Result<Run, StoreError> {
    read_kept(body)
}

/// A run that was just taken over: every holder after the first took it over.
pub(crate) fn taken_over((body, fence): (String, i64)) -> Result<HeldRun, StoreError> {
    let run = Run { takeovers: codec::count(fence - 1), ..run(&body)? };
    Ok(HeldRun { run, fence: Fence(fence) })
}

/// An invoice that matches a rule.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct CandidateRow {
    tax_no: String,
    #[sqlx(flatten)]
    facts: FactsRow,
    collected_at: Option<i64>,
    purpose: Option<String>,
    tried: bool,
}

impl CandidateRow {
    pub(crate) fn candidate(self) -> Result<Candidate, StoreError> {
        Ok(Candidate {
            tax_no: codec::read(&self.tax_no)?,
            invoice: facts_row::seen_by(self.facts.known()?, None),
            collected_at: self.collected_at.map(moment).transpose()?,
            purpose: codec::read_optional(self.purpose.as_deref())?,
            tried: self.tried,
        })
    }
}

/// An invoice that a run takes.
#[derive(Debug, Serialize)]
pub(crate) struct TryRow<'a> {
    tax_no: &'a str,
    number: &'a str,
    code: &'a str,
    n: usize,
    invoice_type: u8,
    tax: i64,
}

pub(crate) fn tries(chosen: &[Chosen]) -> Vec<TryRow<'_>> {
    let rows = chosen.iter().enumerate();
    rows.map(|(n, one)| TryRow {
        tax_no: one.tax_no.as_str(),
        number: &one.key.number,
        code: &one.key.code,
        n,
        invoice_type: one.invoice_type.number(),
        tax: one.tax.0,
    })
    .collect()
}

/// The period of the target that a run's tries count for.
pub(crate) fn period(run: &Run) -> Option<i32> {
    run.rule.work.target().map(|target| target.period.number())
}

/// An invoice that a run took.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct ChosenRow {
    tax_no: String,
    number: String,
    code: String,
    invoice_type: i64,
    tax: i64,
}

impl ChosenRow {
    pub(crate) fn chosen(self) -> Result<Chosen, StoreError> {
        Ok(Chosen {
            tax_no: codec::read(&self.tax_no)?,
            key: InvoiceKey { code: self.code, number: self.number },
            invoice_type: codec::read(&self.invoice_type.to_string())?,
            tax: Fen(self.tax),
        })
    }
}

/// An invoice that is entered.
#[derive(Debug, Serialize, sqlx::FromRow)]
pub(crate) struct EnterRow {
    tax_id: i32,
    number: String,
    code: String,
}
