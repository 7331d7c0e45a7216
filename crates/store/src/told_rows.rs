//! What a download may change of invoices, as both databases take and return it.

use crate::{codec, facts_row::FactsRow};
use domain::invoice::{Face, InvoiceKey};
use fleet::ports::StoreError;
use serde::Serialize;

/// An invoice as the pool has it.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct FaceRow {
    #[sqlx(flatten)]
    facts: FactsRow,
    seller_name: String,
    seller_tax_no: String,
    purpose: Option<String>,
    non_deduction_reason: Option<String>,
    non_deduction_text: String,
}

impl FaceRow {
    pub(crate) fn face(self) -> Result<(InvoiceKey, Face), StoreError> {
        let (facts, _) = self.facts.known()?;
        let key = facts.key.clone();
        let face = Face {
            facts,
            seller_name: self.seller_name,
            seller_tax_no: self.seller_tax_no,
            purpose: codec::read_optional(self.purpose.as_deref())?,
            non_deduction_reason: codec::read_optional(self.non_deduction_reason.as_deref())?,
            non_deduction_text: self.non_deduction_text,
        };
        Ok((key, face))
    }
}

/// An invoice as it is to be written.
#[derive(Debug, Serialize)]
pub(crate) struct ToldRow<'a> {
    number: &'a str,
    code: &'a str,
    invoice_type: u8,
    date: Option<String>,
    amount: i64,
    tax: i64,
    status: &'static str,
    risk: &'static str,
    selection: &'static str,
    period: Option<i32>,
    special_kind: &'a str,
    seller_name: &'a str,
    seller_tax_no: &'a str,
    purpose: Option<&'static str>,
    non_deduction_reason: Option<&'static str>,
    non_deduction_text: &'a str,
}

impl ToldRow<'_> {
    pub(crate) fn of(face: &Face) -> ToldRow<'_> {
        let facts = &face.facts;
        ToldRow {
            number: &facts.key.number,
            code: &facts.key.code,
            invoice_type: facts.invoice_type.number(),
            date: facts.date.map(|date| date.to_string()),
            amount: facts.amount.0,
            tax: facts.tax.0,
            status: facts.status.name(),
            risk: facts.risk.name(),
            selection: facts.selection.name(),
            period: facts.period.map(|period| period.number()),
            special_kind: &facts.special_kind,
            seller_name: &face.seller_name,
            seller_tax_no: &face.seller_tax_no,
            purpose: face.purpose.map(|purpose| purpose.name()),
            non_deduction_reason: face.non_deduction_reason.map(|reason| reason.number()),
            non_deduction_text: &face.non_deduction_text,
        }
    }

    /// Rows as the statements take them.
    pub(crate) fn json(faces: &[Face]) -> String {
        let rows: Vec<ToldRow<'_>> = faces.iter().map(ToldRow::of).collect();
        serde_json::to_string(&rows).expect("rows of texts and numbers are always JSON")
    }
}
