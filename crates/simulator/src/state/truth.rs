//! Looking at every invoice, which changes nothing.

use super::State;
use crate::{channels::Purpose, truth::TrueInvoice};
use domain::invoice::InvoiceUse;

impl State {
    /// Of every taxpayer, by tax number and key.
    pub(crate) fn truth(&self) -> Vec<TrueInvoice> {
        let mut all: Vec<TrueInvoice> = self
            .invoices
            .iter()
            .map(|(key, invoice)| TrueInvoice {
                tax_no: invoice.buyer.clone(),
                key: key.clone(),
                used_for: match invoice.purpose {
                    Purpose::Unused => InvoiceUse::Unused,
                    Purpose::Deduction => InvoiceUse::Deduction,
                    Purpose::NonDeduction => InvoiceUse::NonDeduction,
                    Purpose::Rebate => InvoiceUse::Rebate,
                },
                period: invoice.period,
            })
            .collect();
        all.sort_unstable_by(|a, b| (&a.tax_no, &a.key).cmp(&(&b.tax_no, &b.key)));
        all
    }
}
