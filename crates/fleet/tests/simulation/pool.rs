//! I10: what a task has done stands in the pool as it stands at the bureau, and once the bureau was
//! read, everything does.

use crate::{bureau::Bureau, sim::Violation};
use domain::{
    ids::{TaskId, TaxId},
    invoice::{InvoiceKey, InvoiceUse, Purpose},
    kind::Kind,
    ledger::LineOutcome,
    period::TaxPeriod,
    tax_no::TaxNo,
};
use fleet::memory::Book;
use std::collections::BTreeSet;

/// How the pool says it, where something is selected.
fn purpose(used_for: InvoiceUse) -> Option<Purpose> {
    match used_for {
        InvoiceUse::Deduction => Some(Purpose::Deduction),
        InvoiceUse::NonDeduction => Some(Purpose::NonDeduction),
        InvoiceUse::Rebate => Some(Purpose::Rebate),
        InvoiceUse::Unused | InvoiceUse::Other => None,
    }
}

fn agrees(
    book: &Book,
    of: &(TaxId, InvoiceKey),
    used_for: InvoiceUse,
    period: Option<TaxPeriod>,
) -> bool {
    let Some(facts) = book.pool.get(of) else { return false };
    if used_for == InvoiceUse::Unused {
        return !facts.selection.has_period() && facts.period.is_none();
    }
    let ours = book.pool_rest.get(of).and_then(|rest| rest.details.purpose);
    facts.selection.has_period() && facts.period == period && ours == purpose(used_for)
}

/// The invoices that the pool has otherwise than the bureau.
pub(crate) fn differing(book: &Book, bureau: &Bureau) -> Vec<(TaxNo, InvoiceKey)> {
    let differs = |(tax_no, key): &(TaxNo, InvoiceKey), used_for, period| {
        let tax = book.tax_ids.get(tax_no).copied();
        tax.is_none_or(|tax| !agrees(book, &(tax, key.clone()), used_for, period))
    };
    let all = bureau.books.all().filter(|(of, used_for, period)| differs(of, *used_for, *period));
    all.map(|(of, ..)| of.clone()).collect()
}

/// Of these tasks, which have just succeeded: nobody else has changed their invoices since.
pub(crate) fn left_behind(book: &Book, bureau: &Bureau, done: &[TaskId]) -> Option<Violation> {
    let rows = done.iter().filter_map(|task| book.tasks.get(task));
    let selections =
        rows.filter(|row| row.message.kind.action().is_some() && row.message.kind.acts_at_bureau());
    for row in selections {
        let succeeded = row.ledger.iter().filter(|line| line.outcome == LineOutcome::Succeeded);
        for line in succeeded {
            let tax_no = &row.message.tax_no;
            let truth = bureau.books.reading(tax_no, &line.invoice)?;
            let of = (row.tax?, line.invoice.clone());
            if !agrees(book, &of, truth.used_for, truth.period) {
                let (id, ours) = (row.message.task_id, book.pool.get(&of));
                let what = format!("{id} left {ours:?} of what is {truth:?} at the bureau");
                return Some(Violation { checker: "I10", what });
            }
        }
    }
    None
}

/// After the last resync: no difference, but where the resync itself still waits for something that
/// has a name.
pub(crate) fn is_true(book: &Book, bureau: &Bureau) -> Option<Violation> {
    let open = book.tasks.values().filter(|row| !row.state.name().is_final());
    let unread: BTreeSet<&TaxNo> = open
        .filter(|row| row.message.kind == Kind::InvoiceUseQuery)
        .map(|row| &row.message.tax_no)
        .collect();
    let differing = differing(book, bureau);
    let (tax_no, key) = differing.iter().find(|(tax_no, _)| !unread.contains(tax_no))?;
    let truth = bureau.books.reading(tax_no, key);
    let of = (*book.tax_ids.get(tax_no)?, key.clone());
    let ours = (book.pool.get(&of), book.pool_rest.get(&of).map(|rest| rest.details.purpose));
    let what = format!("{key} of {tax_no} is {truth:?} at the bureau, and {ours:?} in the pool");
    Some(Violation { checker: "I10", what })
}
