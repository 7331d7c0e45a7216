//! What the bureau has every invoice down for: the truth that a pool is held against.

use domain::{
    invoice::{InvoiceKey, InvoiceUse},
    period::TaxPeriod,
    tax_no::TaxNo,
};
use serde::Serialize;

/// One line of `GET /invoices`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct TrueInvoice {
    pub tax_no: TaxNo,
    #[serde(flatten)]
    pub key: InvoiceKey,
    pub used_for: InvoiceUse,
    /// Of the use; null: it is not used, or the world file did not say.
    pub period: Option<TaxPeriod>,
}
