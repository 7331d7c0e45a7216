//! What a channel's answer means to us. `bureau::reading` turns wire answers into these.

use crate::{
    Moment,
    invoice::{FileRef, InvoiceKey, UseReading},
    ledger::LedgerLine,
    period::TaxPeriod,
    statistic::{Figures, StatisticState},
};
use serde::{Deserialize, Serialize};

/// What the bureau gave us to ask with.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Receipt(pub String);

/// What the bureau tells about a tax number's current period.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PeriodFacts {
    pub period: TaxPeriod,
    pub statistic: StatisticState,
}

/// A task's result as the bureau tells it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// One line per invoice that the bureau spoke of; empty for kinds without invoices.
    pub lines: Vec<LedgerLine>,
    /// The statistic state that the answer implies, when it does.
    pub statistic: Option<StatisticState>,
    /// What the statistic table counts, when the bureau tells it; it goes with `statistic`.
    pub figures: Option<Figures>,
    /// Period and statistic state, for queries and changes of period.
    pub period: Option<TaxPeriod>,
    /// Some invoices are "already selected" (06): their use must be read before the task ends.
    pub read_use: bool,
    /// How the bureau uses invoices, where it was asked.
    #[serde(default)]
    pub uses: Vec<(InvoiceKey, UseReading)>,
    /// Of a download: what may be asked for by its receipt, in order.
    #[serde(default)]
    pub parts: Vec<Part>,
}

/// A part of what a download brings.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// A page of invoices, by what it is asked for by.
    Page(String),
    /// A layout file.
    File(FileRef),
}

impl Outcome {
    pub fn pages(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Page(page) => Some(page.as_str()),
            Part::File(_) => None,
        })
    }

    pub fn files(&self) -> impl Iterator<Item = &FileRef> {
        self.parts.iter().filter_map(|part| match part {
            Part::Page(_) => None,
            Part::File(file) => Some(file),
        })
    }
}

/// The one meaning of an answer, after all three layers of failure.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Taken; ask with the receipt.
    Accepted(Receipt),
    /// Done, with the outcome of each invoice (partial success included).
    Succeeded(Outcome),
    /// Final: the bureau says no, in this sentence. The outcome may carry lines and a state.
    Refused { code: String, sentence: String, outcome: Box<Outcome> },
    /// Not accepted, nothing happened: may be tried again.
    Faltered { sentence: String },
    /// The session is gone; nothing of this call happened.
    LoggedOut { needs_person: bool, sentence: String },
    /// Leave the tax number, or the whole account, alone until then; nothing of this call happened.
    Throttled { scope: ThrottleScope, until: Moment, sentence: String },
    /// Nobody knows whether the call took effect.
    Unclear { sentence: String },
    /// Still being worked on; ask again later.
    Running,
    /// A holder with a higher fence was seen: we are stale; nothing of this call happened.
    Stale,
}

/// Whom a throttle is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThrottleScope {
    TaxNumber,
    Lane,
}

/// What reading back found about a submission whose answer was lost.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadBackAnswer {
    /// It took effect, with this outcome.
    Found(Outcome),
    /// It was taken and is being worked on; ask with the receipt.
    InProgress(Option<Receipt>),
    /// It did not take effect. Conclusive only after a raised fence or the quiet time.
    Absent,
    /// The bureau cannot tell.
    CannotTell { sentence: String },
    /// The reading itself did not work: as the answer says (logged out, throttled, faltered, …).
    NotRead(Box<Answer>),
}
