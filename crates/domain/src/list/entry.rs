//! The edit list (编辑列表): what passed, until a person confirms it.

use super::{Asked, Purpose, Reason, ReasonProblem};
use crate::{
    invoice::{PoolInvoice, TaskInvoice},
    kind::Kind,
    tax_no::TaxNo,
};
use std::collections::BTreeMap;

/// One row of the edit list. Dropping it is leaving it out of what is confirmed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The row's number in the sheet.
    pub row: u32,
    pub kind: Kind,
    /// The buyer's.
    pub tax_no: TaxNo,
    /// With the pool's data, which win over the list's.
    pub invoice: TaskInvoice,
}

impl Entry {
    pub(crate) fn new(
        row: u32,
        purpose: Purpose,
        asked: &Asked,
        tax_no: &TaxNo,
        pool: &PoolInvoice,
    ) -> Entry {
        let invoice = TaskInvoice {
            date: pool.date,
            amount: Some(pool.amount),
            tax: Some(pool.tax),
            effective_tax: Some(pool.tax),
            non_deduction_reason: asked.reason.as_ref().map(Reason::reason),
            non_deduction_text: asked.reason.as_ref().and_then(Reason::text).map(str::to_owned),
            ..TaskInvoice::new(pool.key.clone(), pool.invoice_type)
        };
        Entry { row, kind: purpose.kind(asked.action), tax_no: tax_no.clone(), invoice }
    }

    /// The same entry with another reason.
    pub fn with_reason(mut self, reason: &Reason) -> Result<Entry, ReasonProblem> {
        if self.kind != Kind::NonDeductionSelect {
            return Err(ReasonProblem::NotForThisKind);
        }
        self.invoice.non_deduction_reason = Some(reason.reason());
        self.invoice.non_deduction_text = reason.text().map(str::to_owned);
        Ok(self)
    }
}

/// The requests of a confirmed edit list: one per tax number and action, in the order of the rows.
pub fn requests(
    entries: impl IntoIterator<Item = Entry>,
) -> BTreeMap<(TaxNo, Kind), Vec<TaskInvoice>> {
    let mut requests = BTreeMap::<_, Vec<_>>::new();
    for entry in entries {
        requests.entry((entry.tax_no, entry.kind)).or_default().push(entry.invoice);
    }
    requests
}
