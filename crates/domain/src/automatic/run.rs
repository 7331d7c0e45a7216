//! One run of a rule, as its history keeps it.

use super::{AutoRule, Candidate, Work};
use crate::{
    Moment,
    batch::{AskedBatch, AskedInvoice},
    invoice::{InvoiceKey, InvoiceType},
    kind::Action,
    money::Fen,
    period::shanghai,
    tax_no::TaxNo,
};
use chrono::SubsecRound;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Why a rule ran.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Its time had come.
    Schedule,
    /// A person said so.
    Person { by: String, reason: String },
}

/// How far a run is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Nothing is decided yet: whoever takes it over chooses anew.
    Choosing,
    /// What it takes is written down: whoever takes it over makes the same batch of it.
    Chosen,
    Ended,
}

impl RunState {
    pub const fn name(self) -> &'static str {
        match self {
            RunState::Choosing => "choosing",
            RunState::Chosen => "chosen",
            RunState::Ended => "ended",
        }
    }
}

/// What came of a run.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// A batch was made; what becomes of it is the batch's to say.
    Batch,
    /// Invoices were entered.
    Entered,
    /// There was nothing to choose.
    Nothing,
    /// It could not be done; the sentence says why.
    Failed,
}

impl RunOutcome {
    pub const fn name(self) -> &'static str {
        match self {
            RunOutcome::Batch => "batch",
            RunOutcome::Entered => "entered",
            RunOutcome::Nothing => "nothing",
            RunOutcome::Failed => "failed",
        }
    }
}

/// An invoice that was passed over.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SkippedInvoice {
    pub tax_no: TaxNo,
    pub key: InvoiceKey,
    /// [`Skip::code`](super::Skip::code)
    pub code: String,
    pub sentence: String,
}

/// An invoice that a run has taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chosen {
    pub tax_no: TaxNo,
    pub key: InvoiceKey,
    pub invoice_type: InvoiceType,
    pub tax: Fen,
}

impl From<Candidate> for Chosen {
    fn from(candidate: Candidate) -> Chosen {
        Chosen {
            tax_no: candidate.tax_no,
            key: candidate.invoice.key,
            invoice_type: candidate.invoice.invoice_type,
            tax: candidate.invoice.tax,
        }
    }
}

/// One run of one rule.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Run {
    /// The rule as it was when the run began: a later change changes no run.
    pub rule: AutoRule,
    /// The time that it ran for, to the second; with the rule it names the run.
    pub at: Moment,
    pub cause: Cause,
    pub state: RunState,
    pub started_at: Moment,
    pub ended_at: Option<Moment>,
    pub outcome: Option<RunOutcome>,
    /// Empty while it has not ended.
    pub sentence: String,
    /// Invoices.
    pub chosen: usize,
    /// Of these, without tax, and their tax.
    pub amount: Fen,
    pub tax: Fen,
    /// What is left until the target; None: there is no target.
    pub left: Option<Fen>,
    pub batch_id: Option<String>,
    /// Candidates.
    pub looked_at: usize,
    /// More could be chosen than were compared.
    pub more: bool,
    /// How many were passed over, by the code of the reason.
    pub skipped: BTreeMap<String, usize>,
    /// The first of them.
    pub skips: Vec<SkippedInvoice>,
    /// How often it was taken over from a worker that stopped.
    pub takeovers: u32,
}

impl Run {
    /// A run that begins now.
    pub fn begun(rule: AutoRule, at: Moment, cause: Cause, now: Moment) -> Run {
        Run {
            rule,
            at: at.trunc_subsecs(0),
            cause,
            state: RunState::Choosing,
            started_at: now,
            ended_at: None,
            outcome: None,
            sentence: String::new(),
            chosen: 0,
            amount: Fen(0),
            tax: Fen(0),
            left: None,
            batch_id: None,
            looked_at: 0,
            more: false,
            skipped: BTreeMap::new(),
            skips: Vec::new(),
            takeovers: 0,
        }
    }

    /// The batch that it makes of what it chose: the same every time, whoever makes it. None: its
    /// work needs none.
    pub fn batch(&self, chosen: &[Chosen]) -> Option<AskedBatch> {
        let purpose = self.rule.work.purpose()?;
        let (reason, reason_text) = match &self.rule.work {
            Work::NonDeduct { reason } => (Some(reason.reason()), reason.text().map(str::to_owned)),
            _ => (None, None),
        };
        let asked = |one: &Chosen| AskedInvoice {
            tax_no: one.tax_no.clone(),
            key: one.key.clone(),
            action: Action::Select,
            invoice_type: Some(one.invoice_type),
            reason,
            reason_text: reason_text.clone(),
            refused: None,
        };
        Some(AskedBatch {
            batch_id: self.batch_name(),
            purpose,
            tax_period: self.rule.work.target().map(|target| target.period),
            submitted_by: Some(format!("automatic {}", self.rule.rule_id)),
            again_of: None,
            accounts: BTreeMap::new(),
            invoices: chosen.iter().map(asked).collect(),
            draft: false,
        })
    }

    /// From the rule and the time that it ran for.
    pub fn batch_name(&self) -> String {
        let at = self.at.with_timezone(&shanghai()).format("%Y%m%dT%H%M%S");
        format!("automatic-{}-{at}", self.rule.rule_id)
    }

    /// Ended with a batch.
    pub fn made(self, batch_id: String, now: Moment) -> Run {
        let sentence = format!("{} invoices went into batch {batch_id}", self.chosen);
        let run = Run { batch_id: Some(batch_id), ..self };
        run.ended(RunOutcome::Batch, sentence, now)
    }

    /// Ended with nothing chosen.
    pub fn found_nothing(self, now: Moment) -> Run {
        let sentence = match self.looked_at {
            0 => "no invoice matches the rule".to_owned(),
            looked => format!("{looked} invoices match the rule; each was passed over"),
        };
        self.ended(RunOutcome::Nothing, sentence, now)
    }

    /// Ended with so many invoices entered, of those that it chose.
    pub fn entered(self, entered: usize, now: Moment) -> Run {
        let late = self.chosen - entered;
        let sentence = match late {
            0 => format!("{entered} invoices were entered"),
            _ => format!("{entered} invoices were entered; {late} were changed meanwhile"),
        };
        self.ended(RunOutcome::Entered, sentence, now)
    }

    pub fn failed(self, why: impl Into<String>, now: Moment) -> Run {
        self.ended(RunOutcome::Failed, why.into(), now)
    }

    fn ended(self, outcome: RunOutcome, sentence: String, now: Moment) -> Run {
        let state = RunState::Ended;
        Run { state, outcome: Some(outcome), sentence, ended_at: Some(now), ..self }
    }
}
