//! What is asked for, read and checked for form.

use super::{Batch, BatchLine, BatchPart, BatchPurpose, BatchState, limits, wire};
use crate::{
    Moment,
    bureau::Account,
    invoice::{InvoiceKey, InvoiceType, NonDeductionReason},
    kind::Action,
    located::{self, Wrong},
    period::TaxPeriod,
    rules::Rule,
    tax_no::TaxNo,
};
use chrono::SubsecRound;
use serde::Serialize;
use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write,
};

/// A batch as somebody asks for it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AskedBatch {
    pub batch_id: String,
    pub purpose: BatchPurpose,
    pub tax_period: Option<TaxPeriod>,
    pub submitted_by: Option<String>,
    pub again_of: Option<String>,
    /// The accounts to use, where it is not the tax number's default.
    pub accounts: BTreeMap<TaxNo, Account>,
    pub invoices: Vec<AskedInvoice>,
    /// Kept as a draft, to be looked at and submitted later.
    pub draft: bool,
}

/// One invoice of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AskedInvoice {
    pub tax_no: TaxNo,
    pub key: InvoiceKey,
    pub action: Action,
    /// None: what the pool knows.
    pub invoice_type: Option<InvoiceType>,
    pub reason: Option<NonDeductionReason>,
    pub reason_text: Option<String>,
    /// A list rule that its task ends by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Rule>,
}

/// The batch cannot be read: where, and what is wrong there.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct MalformedBatch {
    /// Such as `invoices[3].invoice_no`; `batch` when it is the whole.
    pub place: String,
    pub problem: String,
}

impl MalformedBatch {
    pub fn new(place: impl Into<String>, problem: impl Into<String>) -> MalformedBatch {
        MalformedBatch { place: place.into(), problem: problem.into() }
    }
}

impl From<Wrong> for MalformedBatch {
    fn from(wrong: Wrong) -> MalformedBatch {
        MalformedBatch { place: wrong.field, problem: wrong.problem }
    }
}

const WHOLE: &str = "batch";

impl AskedBatch {
    /// Reads a request for a batch; its JSON is described in `docs/batches.md`.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn parse(body: &[u8]) -> Result<AskedBatch, MalformedBatch> {
        let value = located::json(body, WHOLE)?;
        let wire: wire::Batch = located::from_value(value, WHOLE)?;
        let asked = wire.read()?;
        asked.check()?;
        Ok(asked)
    }

    /// What holds of every batch, however it was asked for.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), MalformedBatch> {
        let wrong = |place: &str, problem| Err(MalformedBatch::new(place, problem));
        if self.batch_id.is_empty() {
            return wrong("batch_id", "is empty: choose an id, the batch is known by it".into());
        }
        let count = self.invoices.len();
        if !(1..=limits::INVOICES).contains(&count) {
            let most = limits::INVOICES;
            return wrong("invoices", format!("has {count} invoices; name from 1 to {most}"));
        }
        self.check_repeats()?;
        for tax_no in self.accounts.keys() {
            if !self.invoices.iter().any(|invoice| invoice.tax_no == *tax_no) {
                let problem = "the batch has no invoice of this tax number";
                return wrong(&format!("accounts.{tax_no}"), problem.into());
            }
        }
        Ok(())
    }

    fn check_repeats(&self) -> Result<(), MalformedBatch> {
        let mut first_at = HashMap::with_capacity(self.invoices.len());
        for (index, invoice) in self.invoices.iter().enumerate() {
            if let Some(first) = first_at.insert((&invoice.tax_no, &invoice.key), index) {
                let problem = format!("repeats invoices[{first}] ({})", invoice.key);
                return Err(MalformedBatch::new(format!("invoices[{index}]"), problem));
            }
        }
        Ok(())
    }

    /// SHA-256 of what is asked, in hexadecimal: tells a repetition from another batch under the
    /// same id.
    pub fn hash(&self) -> String {
        let text = serde_json::to_vec(self).expect("names, numbers and lists are always JSON");
        let mut hash = String::with_capacity(64);
        for byte in crate::task::body_hash(&text) {
            write!(hash, "{byte:02x}").expect("a string grows");
        }
        hash
    }

    /// The batch and its invoices as they are kept. `types` are the invoices' types, in their
    /// order.
    pub fn into_batch(
        self,
        types: &[InvoiceType],
        task_size: usize,
        now: Moment,
    ) -> (Batch, Vec<BatchLine>) {
        let hash = self.hash();
        let mut parts: Vec<BatchPart> = Vec::new();
        let mut places = HashMap::new();
        let mut lines = Vec::with_capacity(self.invoices.len());
        for (invoice, invoice_type) in self.invoices.into_iter().zip(types) {
            let of = (invoice.tax_no.clone(), invoice.action, invoice.refused);
            let part = *places.entry(of).or_insert_with(|| {
                let account = self.accounts.get(&invoice.tax_no).cloned();
                parts.push(BatchPart {
                    tax_no: invoice.tax_no,
                    action: invoice.action,
                    invoices: 0,
                    account,
                    refused: invoice.refused,
                    dropped: false,
                });
                parts.len() - 1
            });
            let at = parts[part].invoices;
            parts[part].invoices += 1;
            lines.push(BatchLine {
                part,
                at,
                key: invoice.key,
                invoice_type: *invoice_type,
                reason: invoice.reason,
                reason_text: invoice.reason_text,
            });
        }
        let batch = Batch {
            batch_id: self.batch_id,
            purpose: self.purpose,
            tax_period: self.tax_period,
            submitted_by: self.submitted_by,
            again_of: self.again_of,
            task_size,
            state: if self.draft { BatchState::Draft } else { BatchState::Submitting },
            parts,
            created_at: now.trunc_subsecs(3),
            asked: hash,
            version: 0,
        };
        (batch, lines)
    }
}
