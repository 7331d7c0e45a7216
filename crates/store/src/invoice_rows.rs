//! Invoices of the pool as both databases take and return them.

use crate::{
    codec,
    facts_row::{self, FactsRow},
};
use domain::{
    Moment,
    ids::TaskId,
    invoice::{Invoice, InvoiceDetails, InvoiceKey},
    ledger::LedgerLine,
    money::Fen,
    world::WorldInvoice,
};
use fleet::ports::StoreError;
use serde::Serialize;
use uuid::Uuid;

/// What a file says of an invoice's details; None is left out there. Moments are microseconds since
/// 1970 in UTC.
#[derive(Debug, Serialize)]
pub(crate) struct SaidRow<'a> {
    tax_no: &'a str,
    number: String,
    code: String,
    collected_at: Option<i64>,
    verification: Option<&'static str>,
    source: Option<&'a str>,
    document_type: Option<&'a str>,
    deductible: Option<bool>,
    purpose: Option<&'static str>,
    non_deduction_reason: Option<&'static str>,
    non_deduction_text: Option<&'a str>,
    entry_state: Option<&'static str>,
    entry_period: Option<i32>,
    entered_at: Option<i64>,
    entry_tax: Option<i64>,
    transferred_out: Option<i64>,
    transfer_reason: Option<&'a str>,
    voucher_no: Option<&'a str>,
    voucher_link: Option<&'a str>,
}

impl SaidRow<'_> {
    /// None: the file says nothing.
    pub(crate) fn of(invoice: &WorldInvoice) -> Option<SaidRow<'_>> {
        let (key, said) = (invoice.key(), &invoice.details);
        let row = SaidRow {
            tax_no: invoice.buyer_tax_no.as_str(),
            number: key.number,
            code: key.code,
            collected_at: said.collected_at.map(|at| at.timestamp_micros()),
            verification: said.verification.map(|state| state.name()),
            source: said.source.as_deref(),
            document_type: said.document_type.as_deref(),
            deductible: said.deductible,
            purpose: said.purpose.map(|purpose| purpose.name()),
            non_deduction_reason: said.non_deduction_reason.map(|reason| reason.number()),
            non_deduction_text: said.non_deduction_text.as_deref(),
            entry_state: said.entry_state.map(|state| state.name()),
            entry_period: said.entry_period.map(|period| period.number()),
            entered_at: said.entered_at.map(|at| at.timestamp_micros()),
            entry_tax: said.entry_tax.map(|tax| tax.0),
            transferred_out: said.transferred_out.map(|amount| amount.0),
            transfer_reason: said.transfer_reason.as_deref(),
            voucher_no: said.voucher_no.as_deref(),
            voucher_link: said.voucher_link.as_deref(),
        };
        (!said.is_silent()).then_some(row)
    }
}

/// An invoice with every field.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct InvoiceRow {
    buyer_tax_no: String,
    tax_org: String,
    #[sqlx(flatten)]
    facts: FactsRow,
    accounting_org: String,
    seller_name: String,
    seller_tax_no: String,
    collected_at: Option<i64>,
    verification: String,
    source: String,
    document_type: String,
    deductible: bool,
    purpose: Option<String>,
    non_deduction_reason: Option<String>,
    non_deduction_text: String,
    entry_state: String,
    entry_period: Option<i32>,
    entered_at: Option<i64>,
    entry_tax: Option<i64>,
    transferred_out: Option<i64>,
    transfer_reason: String,
    voucher_no: String,
    voucher_link: String,
}

impl InvoiceRow {
    pub(crate) fn held_by(&self) -> Option<TaskId> {
        self.facts.held_by()
    }

    /// As people see it: `Selecting` while a task holds it.
    pub(crate) fn invoice(self) -> Result<Invoice, StoreError> {
        Ok(Invoice {
            buyer_tax_no: codec::read(&self.buyer_tax_no)?,
            facts: facts_row::seen_by(self.facts.known()?, None),
            details: InvoiceDetails {
                collected_at: moment(self.collected_at)?,
                verification: codec::read(&self.verification)?,
                source: self.source,
                document_type: self.document_type,
                deductible: self.deductible,
                purpose: codec::read_optional(self.purpose.as_deref())?,
                non_deduction_reason: codec::read_optional(self.non_deduction_reason.as_deref())?,
                non_deduction_text: self.non_deduction_text,
                entry_state: codec::read(&self.entry_state)?,
                entry_period: self.entry_period.map(codec::period).transpose()?,
                entered_at: moment(self.entered_at)?,
                entry_tax: self.entry_tax.map(Fen),
                transferred_out: self.transferred_out.map(Fen),
                transfer_reason: self.transfer_reason,
                voucher_no: self.voucher_no,
                voucher_link: self.voucher_link,
            },
            tax_org: self.tax_org,
            accounting_org: self.accounting_org,
            seller_name: self.seller_name,
            seller_tax_no: self.seller_tax_no,
        })
    }
}

fn moment(micros: Option<i64>) -> Result<Option<Moment>, StoreError> {
    let read = |micros| {
        let broken = || StoreError::Broken(format!("{micros} is not a moment"));
        Moment::from_timestamp_micros(micros).ok_or_else(broken)
    };
    micros.map(read).transpose()
}

/// A text greater than all that begin with the prefix, and no greater than any other that is.
pub(crate) fn past_prefix(prefix: &str) -> String {
    format!("{prefix}{}", char::MAX)
}

/// What the log says last of an invoice.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct NewestLine {
    task_id: Uuid,
    outcome: String,
    reason: String,
}

impl NewestLine {
    pub(crate) fn line(self, invoice: &InvoiceKey) -> Result<(TaskId, LedgerLine), StoreError> {
        let outcome = codec::read(&self.outcome)?;
        let line = LedgerLine { invoice: invoice.clone(), outcome, reason: self.reason };
        Ok((TaskId(self.task_id), line))
    }
}
