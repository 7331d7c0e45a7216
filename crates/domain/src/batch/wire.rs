//! A batch as it is asked for in JSON.

use super::{AskedBatch, AskedInvoice, BatchPurpose, MalformedBatch};
use crate::{
    bureau::Account,
    invoice::{InvoiceKey, InvoiceType, NonDeductionReason},
    kind::Action,
    located::optional,
    period::TaxPeriod,
    task::{code_or_number, limits},
    tax_no::TaxNo,
};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Batch {
    batch_id: String,
    purpose: BatchPurpose,
    /// Of every invoice that does not say its own, as all defaults below.
    #[serde(default = "select")]
    action: Action,
    #[serde(default)]
    tax_no: Option<TaxNo>,
    #[serde(default, deserialize_with = "optional")]
    reason: Option<NonDeductionReason>,
    #[serde(default)]
    reason_text: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    tax_period: Option<TaxPeriod>,
    #[serde(default)]
    submitted_by: Option<String>,
    #[serde(default)]
    accounts: BTreeMap<TaxNo, Account>,
    #[serde(default)]
    draft: bool,
    invoices: Vec<Invoice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Invoice {
    #[serde(default)]
    tax_no: Option<TaxNo>,
    #[serde(default)]
    invoice_no: String,
    #[serde(default)]
    invoice_code: String,
    #[serde(default)]
    payment_book_no: String,
    #[serde(default, deserialize_with = "optional")]
    invoice_type: Option<InvoiceType>,
    #[serde(default)]
    action: Option<Action>,
    #[serde(default, deserialize_with = "optional")]
    reason: Option<NonDeductionReason>,
    #[serde(default)]
    reason_text: Option<String>,
}

fn select() -> Action {
    Action::Select
}

impl Batch {
    pub(super) fn read(self) -> Result<AskedBatch, MalformedBatch> {
        named("batch_id", Some(&self.batch_id))?;
        named("submitted_by", self.submitted_by.as_deref())?;
        reason_text("reason_text", self.reason_text.as_deref())?;
        let mut invoices = Vec::with_capacity(self.invoices.len());
        for (index, invoice) in self.invoices.iter().enumerate() {
            invoices.push(self.invoice(invoice, &format!("invoices[{index}]"))?);
        }
        Ok(AskedBatch {
            batch_id: self.batch_id,
            purpose: self.purpose,
            tax_period: self.tax_period,
            submitted_by: self.submitted_by,
            again_of: None,
            accounts: self.accounts,
            invoices,
            draft: self.draft,
        })
    }

    fn invoice(&self, invoice: &Invoice, place: &str) -> Result<AskedInvoice, MalformedBatch> {
        let wrong =
            |field: &str, problem: &str| MalformedBatch::new(format!("{place}.{field}"), problem);
        let tax_no = invoice.tax_no.as_ref().or(self.tax_no.as_ref());
        let tax_no = tax_no.ok_or_else(|| {
            wrong("tax_no", "is missing: say the buyer's tax number here or for the whole batch")
        })?;
        let key = invoice.key(&wrong)?;
        reason_text(&format!("{place}.reason_text"), invoice.reason_text.as_deref())?;
        let action = invoice.action.unwrap_or(self.action);
        let reasoned = self.purpose == BatchPurpose::NonDeduction && action == Action::Select;
        let reason = invoice.reason.or(self.reason).filter(|_| reasoned);
        let text = invoice.reason_text.as_ref().or(self.reason_text.as_ref());
        Ok(AskedInvoice {
            tax_no: tax_no.clone(),
            key,
            action,
            invoice_type: invoice.invoice_type,
            reason,
            reason_text: text.filter(|_| reason.is_some()).cloned(),
            refused: None,
        })
    }
}

impl Invoice {
    fn key(
        &self,
        wrong: &dyn Fn(&str, &str) -> MalformedBatch,
    ) -> Result<InvoiceKey, MalformedBatch> {
        let (number, code, book) = (&self.invoice_no, &self.invoice_code, &self.payment_book_no);
        if !book.is_empty() {
            if !(number.is_empty() && code.is_empty()) {
                let problem = "stands instead of invoice_code and invoice_no: leave those out";
                return Err(wrong("payment_book_no", problem));
            }
            let number = code_or_number(book, true).map_err(|p| wrong("payment_book_no", &p))?;
            return Ok(InvoiceKey { code: String::new(), number });
        }
        if number.is_empty() {
            return Err(wrong("invoice_no", "is missing"));
        }
        let number = code_or_number(number, false).map_err(|p| wrong("invoice_no", &p))?;
        let code = code_or_number(code, false).map_err(|p| wrong("invoice_code", &p))?;
        Ok(InvoiceKey { code, number })
    }
}

fn named(place: &str, text: Option<&str>) -> Result<(), MalformedBatch> {
    at_most(place, text, limits::NAME_CHARS)
}

fn reason_text(place: &str, text: Option<&str>) -> Result<(), MalformedBatch> {
    at_most(place, text, limits::REASON_CHARS)
}

fn at_most(place: &str, text: Option<&str>, most: usize) -> Result<(), MalformedBatch> {
    let Some(text) = text else { return Ok(()) };
    let count = text.chars().count();
    if count > most {
        let problem = format!("has {count} characters; at most {most} are allowed");
        return Err(MalformedBatch::new(place, problem));
    }
    if text.contains('\0') {
        return Err(MalformedBatch::new(place, "holds the character NUL (\\u0000)"));
    }
    Ok(())
}
