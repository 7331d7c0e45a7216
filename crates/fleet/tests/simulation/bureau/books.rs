//! What the bureau has each invoice down for.

use domain::{
    invoice::{InvoiceKey, InvoiceUse, ToldInvoice, ToldUse, UseReading},
    kind::{Action, Kind},
    period::TaxPeriod,
    tax_no::TaxNo,
};
use std::collections::BTreeMap;

/// What a submission did to one invoice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Line {
    Done,
    /// 06: it is used already, for whatever it may be.
    Already,
    Refused,
}

/// Every invoice of everybody, with what is told of it in a download.
#[derive(Debug, Default)]
pub(crate) struct Books {
    invoices: BTreeMap<(TaxNo, InvoiceKey), Entry>,
}

#[derive(Debug)]
struct Entry {
    facts: ToldInvoice,
    used_for: InvoiceUse,
    period: Option<TaxPeriod>,
}

/// What the invoice is for once a task of this kind has done what it is for.
pub(super) fn wanted(kind: Kind) -> Option<InvoiceUse> {
    match (kind.action()?, kind) {
        (Action::Deselect, _) => Some(InvoiceUse::Unused),
        (_, Kind::NonDeductionSelect) => Some(InvoiceUse::NonDeduction),
        (_, Kind::RebateSelect) => Some(InvoiceUse::Rebate),
        _ => Some(InvoiceUse::Deduction),
    }
}

impl Books {
    pub(crate) fn open(&mut self, facts: ToldInvoice) {
        let place = (facts.buyer_tax_no.clone(), facts.key.clone());
        self.invoices.insert(place, Entry { facts, used_for: InvoiceUse::Unused, period: None });
    }

    /// What a submission that is carried out does to an invoice.
    pub(super) fn apply(
        &mut self,
        kind: Kind,
        tax_no: &TaxNo,
        key: &InvoiceKey,
        period: TaxPeriod,
    ) -> Line {
        let entry = self.invoices.get_mut(&(tax_no.clone(), key.clone()));
        let (Some(entry), Some(wanted)) = (entry, wanted(kind)) else { return Line::Refused };
        if wanted != InvoiceUse::Unused && entry.used_for != InvoiceUse::Unused {
            return Line::Already;
        }
        entry.set(wanted, period);
        Line::Done
    }

    /// Somebody changes it at the bureau itself; what it is used for from now on.
    pub(crate) fn change(
        &mut self,
        tax_no: &TaxNo,
        key: &InvoiceKey,
        otherwise: InvoiceUse,
        period: TaxPeriod,
    ) -> Option<InvoiceUse> {
        let entry = self.invoices.get_mut(&(tax_no.clone(), key.clone()))?;
        let used = entry.used_for != InvoiceUse::Unused;
        entry.set(if used { InvoiceUse::Unused } else { otherwise }, period);
        Some(entry.used_for)
    }

    pub(crate) fn reading(&self, tax_no: &TaxNo, key: &InvoiceKey) -> Option<UseReading> {
        let entry = self.invoices.get(&(tax_no.clone(), key.clone()))?;
        Some(UseReading::of(entry.used_for, entry.period))
    }

    /// Every invoice with its use and period.
    pub(crate) fn all(
        &self,
    ) -> impl Iterator<Item = (&(TaxNo, InvoiceKey), InvoiceUse, Option<TaxPeriod>)> {
        self.invoices.iter().map(|(of, entry)| (of, entry.used_for, entry.period))
    }

    /// A download's only page.
    pub(super) fn page(&self, tax_no: &TaxNo) -> Vec<ToldInvoice> {
        let theirs = self.invoices.iter().filter(|((of, _), _)| of == tax_no);
        let told = theirs.map(|(_, entry)| ToldInvoice {
            used: Some(ToldUse {
                used_for: entry.used_for,
                period: entry.period,
                certified: Some(false),
            }),
            ..entry.facts.clone()
        });
        told.collect()
    }
}

impl Entry {
    fn set(&mut self, used_for: InvoiceUse, period: TaxPeriod) {
        self.used_for = used_for;
        self.period = Some(period).filter(|_| used_for != InvoiceUse::Unused);
    }
}
