//! The edit list (编辑列表): what passed, until a person confirms it.

use super::{Asked, Purpose, Reason};
use crate::{
    invoice::{PoolInvoice, TaskInvoice},
    kind::Kind,
    tax_no::TaxNo,
};

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
}
