//! Downloads: which invoices one brings, its pages, and layout files.

use super::{InvoiceState, State};
use crate::{
    channels::{FactsOf, Purpose, Said, UseFact, Work},
    layout,
};
use bureau::wire::etax::PAGE_INVOICES;
use domain::{
    invoice::{FileFormat, FileRef, InvoiceKey},
    kind::Kind,
    period::TaxPeriod,
    task::Wanted,
    tax_no::TaxNo,
};
use std::sync::Arc;

impl State {
    /// The invoices of this buyer that a download asks for, in the order of their numbers. Those of a
    /// period are those issued in its month, and those that count for it.
    pub(super) fn wanted(
        &self,
        tax_no: &TaxNo,
        named: &[InvoiceKey],
        wanted: Wanted,
        current: TaxPeriod,
    ) -> Arc<[InvoiceKey]> {
        let fits = |key: &InvoiceKey, invoice: &InvoiceState| {
            let date = invoice.fact.invoice_date;
            match wanted {
                // 乐企 is asked by numbers alone.
                Wanted::Named => named.iter().any(|named| {
                    named.number == key.number && (named.code.is_empty() || named.code == key.code)
                }),
                Wanted::Dated { from, to } => date.is_some_and(|date| (from..=to).contains(&date)),
                Wanted::Period(period) => {
                    let period = period.unwrap_or(current);
                    invoice.period == Some(period)
                        || date.is_some_and(|date| TaxPeriod::of_date(date) == period)
                }
            }
        };
        let theirs = self.invoices.iter().filter(|(_, invoice)| invoice.buyer == *tax_no);
        let mut found: Vec<InvoiceKey> =
            theirs.filter(|(key, one)| fits(key, one)).map(|(key, _)| key.clone()).collect();
        found.sort_unstable_by(|a, b| (&a.number, &a.code).cmp(&(&b.number, &b.code)));
        found.into()
    }

    /// A page, as the invoices are now; `twice`: what stood on the page before comes with it again.
    pub(super) fn page(&self, receipt: &str, tax_no: &TaxNo, page: u32, twice: bool) -> Said {
        let nothing = |why: String| Said::NotDone(why);
        let submission = self.submissions.get(receipt).filter(|one| one.tax_no == *tax_no);
        let Some(submission) = submission else {
            return nothing(format!("no submission with the receipt {receipt} is known"));
        };
        let Some(brought) = submission.effect.as_ref().and_then(|effect| effect.brought.clone())
        else {
            return Said::Running;
        };
        let number = usize::try_from(page).unwrap_or_default();
        let pages: Vec<&[InvoiceKey]> = brought.chunks(PAGE_INVOICES).collect();
        let Some(keys) = number.checked_sub(1).and_then(|at| pages.get(at)) else {
            return nothing(format!("the download has {} pages, and no page {page}", pages.len()));
        };
        let again = if twice && number > 1 { pages[number - 2] } else { &[] };
        let facts = again.iter().chain(keys.iter()).filter_map(|key| self.facts_of(key));
        Said::Page(facts.collect())
    }

    /// The layout files of the invoices named: a PDF, an OFD and an XML of each of this buyer's.
    pub(super) fn layout_files(&self, tax_no: &TaxNo, work: &Work) -> Arc<[FileRef]> {
        if work.kind != Kind::LayoutDownload {
            return Arc::default();
        }
        let theirs = |key: &&InvoiceKey| {
            self.invoices.get(*key).is_some_and(|invoice| invoice.buyer == *tax_no)
        };
        let files = |key: &InvoiceKey| {
            let invoice = key.clone();
            FileFormat::ALL
                .iter()
                .map(move |format| FileRef { invoice: invoice.clone(), format: *format })
        };
        work.invoices.iter().filter(theirs).flat_map(files).collect()
    }

    pub(super) fn file(&self, receipt: &str, tax_no: &TaxNo, file: &FileRef) -> Said {
        let known = self.submissions.get(receipt).filter(|one| one.tax_no == *tax_no);
        let effect = known.and_then(|submission| submission.effect.as_ref());
        let offered = effect.is_some_and(|effect| effect.files.contains(file));
        match self.invoices.get(&file.invoice).filter(|_| offered) {
            Some(invoice) => Said::File(layout::file(&invoice.fact, file.format)),
            None => {
                let (invoice, format) = (&file.invoice, file.format.name());
                Said::NotDone(format!("{receipt} offers no {format} of {invoice}"))
            }
        }
    }

    fn facts_of(&self, key: &InvoiceKey) -> Option<FactsOf> {
        let invoice = self.invoices.get(key)?;
        let used = UseFact {
            key: key.clone(),
            purpose: invoice.purpose,
            period: invoice.period,
            status: invoice.status(),
            risk: invoice.risk(),
            entry: invoice.entry,
        };
        let certified = invoice.certified && invoice.purpose != Purpose::Unused;
        Some(FactsOf { used, certified, fact: invoice.fact.clone() })
    }
}
