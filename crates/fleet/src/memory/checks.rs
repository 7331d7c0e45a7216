//! Checks of the pool, and resyncs.

use super::{MemoryStore, book::Book, pool::is_within};
use crate::ports::{
    StoreError,
    checks::{CheckScope, Checks, LastResync, NewResync},
    pool::{Cursor, NO_DATE},
};
use async_trait::async_trait;
use chrono::NaiveDate;
use domain::{
    Moment,
    check::Check,
    ids::TaxId,
    invoice::{Invoice, InvoiceKey, Selection},
    period::TaxPeriod,
    statistic::Sum,
    task::StateName,
    tax_no::TaxNo,
};

/// By the buyer's own number, date, number and code.
type Order = (TaxId, NaiveDate, String, String);

fn order(tax: TaxId, date: Option<NaiveDate>, key: &InvoiceKey) -> Order {
    (tax, date.unwrap_or(NO_DATE), key.number.clone(), key.code.clone())
}

impl Book {
    /// Its organisation is some taxpayer's, and not its buyer's.
    fn is_of_others(&self, invoice: &Invoice) -> bool {
        let org = &invoice.accounting_org;
        !org.is_empty()
            && *org != invoice.tax_org
            && self.taxpayers.values().any(|row| row.payer.tax_org == *org)
    }

    fn listed(&self, check: Check, scope: &CheckScope) -> Vec<(Order, Invoice)> {
        let found = self.pool.iter().filter_map(|(key, facts)| {
            // What a task holds counts as what the pool keeps.
            let invoice = Invoice { facts: facts.clone(), ..self.whole_invoice(key)? };
            let matches = scope.buyer.as_ref().is_none_or(|buyer| *buyer == invoice.buyer_tax_no)
                && scope.tax_org.as_ref().is_none_or(|org| *org == invoice.tax_org)
                && scope.accounting_org.as_ref().is_none_or(|org| *org == invoice.accounting_org)
                && is_within(&invoice, scope.within.as_deref());
            let listed =
                matches && check.lists(&invoice, scope.period, self.is_of_others(&invoice));
            listed.then(|| (order(key.0, facts.date, &key.1), invoice))
        });
        let mut found: Vec<(Order, Invoice)> = found.collect();
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        found
    }

    fn shown(&self, tax: TaxId, mut invoice: Invoice) -> Invoice {
        if self.holds.contains_key(&(tax, invoice.facts.key.clone())) {
            invoice.facts.selection = Selection::Selecting;
        }
        invoice
    }

    fn last_resync(&self, tax_no: &TaxNo, period: TaxPeriod) -> Option<LastResync> {
        let tax = *self.tax_ids.get(tax_no)?;
        let (asked_at, resync) = self.around.resyncs.get(&(tax, period))?;
        let rows = resync.tasks.iter().filter_map(|task| self.tasks.get(task));
        let ended: Vec<(StateName, Moment)> =
            rows.filter_map(|row| row.finished_at.map(|at| (row.state.name(), at))).collect();
        let all = ended.len() == resync.tasks.len();
        let last = ended.iter().map(|(_, at)| *at).max().unwrap_or(*asked_at);
        Some(LastResync {
            asked_at: *asked_at,
            by: resync.by.clone(),
            tasks: resync.tasks.len(),
            ended: ended.len(),
            failed: ended.iter().filter(|(state, _)| *state != StateName::Done).count(),
            ended_at: all.then_some(last),
        })
    }
}

#[async_trait]
impl Checks for MemoryStore {
    async fn check(
        &self,
        check: Check,
        scope: &CheckScope,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Vec<Invoice>, StoreError> {
        let book = self.open();
        let after = after.map(|after| {
            let tax = book.tax_ids.get(&after.buyer).copied().unwrap_or(TaxId(0));
            order(tax, after.date, &after.key)
        });
        let found = book.listed(check, scope).into_iter();
        let page = found.filter(|(place, _)| after.as_ref().is_none_or(|after| place > after));
        Ok(page.take(limit).map(|(place, invoice)| book.shown(place.0, invoice)).collect())
    }

    async fn check_sum(&self, check: Check, scope: &CheckScope) -> Result<Sum, StoreError> {
        let found = self.open().listed(check, scope);
        Ok(found.iter().fold(Sum::default(), |sum, (_, invoice)| {
            sum.plus(Sum::of_one(invoice.facts.amount, invoice.facts.tax))
        }))
    }

    async fn note_resync(&self, resync: &NewResync) -> Result<(), StoreError> {
        let mut book = self.open();
        let noted = (book.now(), resync.clone());
        book.around.resyncs.insert((resync.tax, resync.period), noted);
        Ok(())
    }

    async fn last_resyncs(
        &self,
        of: &[(TaxNo, TaxPeriod)],
    ) -> Result<Vec<Option<LastResync>>, StoreError> {
        let book = self.open();
        Ok(of.iter().map(|(tax_no, period)| book.last_resync(tax_no, *period)).collect())
    }
}
